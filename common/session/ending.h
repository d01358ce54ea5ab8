// Ending a session from outside, with everything that it started.

#ifndef CSA_COMMON_SESSION_ENDING_H_
#define CSA_COMMON_SESSION_ENDING_H_

#include <cstddef>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/os/proc.h"
#include "common/session/nested_sessions.h"
#include "common/session/session_directory.h"

namespace csa {

// From SIGTERM to SIGKILL.
inline constexpr absl::Duration kGracePeriod = absl::Seconds(5);

// How long after the end of the grace period a nested session's supervisor, the
// session's own, and at last the attempt are given up.
inline constexpr absl::Duration kNestedAllowance = absl::Seconds(2);
inline constexpr absl::Duration kSupervisorAllowance = absl::Seconds(4);
inline constexpr absl::Duration kLastAllowance = absl::Seconds(2);

struct Ending {
  enum class Outcome {
    kEnded,
    kAlreadyEnded,
    kStillAlive,  // something could not be ended: `alive`
  };
  Outcome outcome;
  // The supervisor had died; and the session had no cgroup, so that a process
  // that has cleared its environment could not be found.
  bool lost = false;
  bool uncertain = false;
  bool lost_before = false;  // somebody else had recorded that it is lost
  int strays = 0;  // as in result.toml; of a lost session: what was ended now
  std::vector<ProcessStat> alive;
};

// Is told of each session when its end has come to an end: its place among
// those that were to be ended, and how that went, or why it was not possible.
using EndingObserver =
    absl::FunctionRef<void(size_t, const absl::StatusOr<Ending>&)>;

// Ends `sessions`, all at the same time: asks the supervisor of each to; where
// that does not do it in time, does its work from outside, publishes the result
// and kills it. Of a lost one: ends the processes that carry its id and
// publishes that it is lost. Never ends the caller or its ancestors by itself.
// Blocks until `ended` has been told of all: at most 9 s for those whose
// supervisors do it, 6 s more for each that must be ended from outside, and 9 s
// for each that is lost and has processes left. `nested` is for those that are
// in the cgroup of a lost one: others are not touched. FailedPrecondition when
// the supervisor lives, or that of a lost session lived, in another pid
// namespace or on another host; or when nested sessions are to be spared and
// `session` is a copy of one that runs; else as ReadState.
void EndSessions(absl::Span<const SessionDirectory> sessions,
                 EndingObserver ended, Nested nested = Nested::kEnded);

// The same for one session.
absl::StatusOr<Ending> EndSession(const SessionDirectory& session,
                                  Nested nested = Nested::kEnded);

// The processes of `session`, a lost one, that EndSession would end where
// nested sessions are spared. Changes nothing. FailedPrecondition where
// EndSession gives it.
absl::StatusOr<std::vector<ProcessStat>> FindLeftOver(
    const SessionDirectory& session);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_ENDING_H_
