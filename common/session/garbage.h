// Clearing away what sessions have left behind that did not end as they should.

#ifndef CSA_COMMON_SESSION_GARBAGE_H_
#define CSA_COMMON_SESSION_GARBAGE_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/os/proc.h"
#include "common/session/session_id.h"
#include "common/session/session_store.h"

namespace csa {

// A hidden directory that has changed later than this may be that of a session
// which is being started: there is a moment before its supervisor locks it.
inline constexpr absl::Duration kLeastAge = absl::Hours(1);

// What was done about one session.
struct Clearing {
  enum class Outcome {
    kLost,        // what was left of it is ended, and its loss is published
    kStillAlive,  // not all of it could be ended: `alive`
    kRemoved,     // its hidden directory is removed
  };
  Outcome outcome;
  int strays = 0;  // the processes that were ended
  std::vector<ProcessStat> alive;
};

// Is told of each session that something was done about, or why that failed.
using ClearingObserver =
    absl::FunctionRef<void(const SessionId&, const absl::StatusOr<Clearing>&)>;

// Goes through all of `store`. Ends what is left of each lost session and
// publishes that it is lost, as EndSession does; removes the hidden directories
// that no supervisor holds and in which nothing has changed for `least_age`. A
// session that is running or has finished is left alone, but for a supervisor
// that was stopped and stayed behind. Goes on when one of
// them fails; what is left half done, by this or by another that was killed, is
// done by the next. Several may work at the same time. Blocks for 7 s at most
// for each lost session. An error: the store cannot be listed.
absl::Status CollectGarbage(const SessionStore& store, absl::Duration least_age,
                            ClearingObserver observer);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_GARBAGE_H_
