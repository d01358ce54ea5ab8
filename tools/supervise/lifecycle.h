// What a running session is waiting for, and what follows.

#ifndef CSA_TOOLS_SUPERVISE_LIFECYCLE_H_
#define CSA_TOOLS_SUPERVISE_LIFECYCLE_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/os/cgroup.h"
#include "common/os/proc.h"
#include "common/session/nested_sessions.h"
#include "common/session/session_directory.h"
#include "common/session/session_result.h"
#include "common/session/session_spec.h"
#include "tools/supervise/termination.h"

namespace csa {

// How long what the command leaves behind may take to end by itself, and how
// long at most while it is at work: the last lines of `cmd > >(filter)` come
// after the end of cmd.
inline constexpr absl::Duration kLinger = absl::Milliseconds(250);
inline constexpr absl::Duration kLongestLinger = absl::Seconds(5);

// The phases of a session from the start of its command to the end of the last
// process. Descriptors and signals are the caller's: it tells what happened.
// Times are MonotonicNow().
class Lifecycle {
 public:
  // `leader` is the process of the command, a child of the caller; `cgroup` is
  // the session's, if it has one.
  Lifecycle(const SessionDirectory& session, const SessionSpec& spec,
            NestedSessions& nested, pid_t leader, const Cgroup* cgroup,
            absl::Time now);

  // A child has been reaped, as waitpid(2) told.
  void ChildEnded(pid_t pid, int wait_status);

  // Somebody asked for the end: who, as DescribeWithParent tells. The first
  // request counts.
  void EndRequested(std::string by);

  // Does what is due. `childless`: the caller has no children left. Returns
  // whether the session is over. Call it after the others, and at wake_time().
  bool Advance(bool childless, absl::Time now);

  // When something is due if nothing happens before.
  absl::Time wake_time() const { return wake_time_; }

  // Sets what is known of the outcome: status, exit code, raw outcome, strays,
  // ended_by.
  void Describe(SessionResult& result) const;

 private:
  enum class Phase { kRunning, kLingering, kTerminating };

  void AdvanceRunning(absl::Time now);
  void AdvanceLingering(bool childless, absl::Time now);
  bool IdleTooLong(absl::Time now);
  bool LogsHaveChanged();
  bool LeftoversAreAtWork();
  void Terminate(SessionStatus status, absl::Time now);

  const SessionDirectory& session_;
  NestedSessions& nested_;
  const Nested fate_of_nested_;  // at a natural end
  const pid_t leader_;
  const Cgroup* const cgroup_;
  Phase phase_ = Phase::kRunning;
  std::optional<int> wait_status_;       // the leader's, once it is reaped
  std::optional<std::string> ended_by_;  // the request, once there is one
  std::optional<SessionStatus> forced_;  // why we ended it, if we did
  std::optional<Termination> termination_;
  absl::Time wake_time_ = absl::InfiniteFuture();
  absl::Time linger_end_;
  absl::Time longest_linger_end_;

  const absl::Time timeout_;  // infinite when there is none
  const absl::Duration idle_timeout_;
  absl::Time next_idle_look_;
  absl::Time last_output_;
  std::pair<int64_t, int64_t> log_sizes_ = {0, 0};
};

}  // namespace csa

#endif  // CSA_TOOLS_SUPERVISE_LIFECYCLE_H_
