// Ending all that descends from the supervisor.

#ifndef CSA_TOOLS_SUPERVISE_TERMINATION_H_
#define CSA_TOOLS_SUPERVISE_TERMINATION_H_

#include <sys/types.h>

#include <csignal>
#include <vector>

#include "absl/time/time.h"
#include "common/os/cgroup.h"
#include "common/os/process_set.h"
#include "common/session/nested_sessions.h"

namespace csa {

// The living descendants of the caller, without the nested sessions. That there
// are none is certain: see Descendants.
std::vector<ProcessStat> OwnDescendants(NestedSessions& nested);

// One ending, in rounds: SIGTERM and SIGCONT to every descendant, SIGKILL to
// what is left after the grace period (ending.h). The caller is the subreaper
// of its descendants, reaps between the rounds, and begins a round when a child
// has ended and at next_round().
class Termination {
 public:
  // `leader` leads the process group of the command while it is not reaped; 0
  // when it is. Nested sessions that are to end are asked to, and made to if
  // they do not. `cgroup` is the session's, if it has one. What is ended is a
  // stray: any process where the leader had ended before, else what outlives
  // the grace period.
  Termination(NestedSessions& nested, Nested fate, pid_t leader,
              const Cgroup* cgroup, absl::Time now);

  // Sends the signals that are due. Returns whether all is over: no descendant
  // is left but the nested sessions that are spared. Does not block.
  bool Round(absl::Time now);

  // Ends the nested sessions as well, from the next round on. They have their
  // time from now.
  void EndNested(absl::Time now);

  // When to begin the next round, if no child ends before.
  absl::Time next_round() const { return next_round_; }

  // In the order in which they were first signalled.
  const std::vector<ProcessStat>& strays() const { return strays_; }

 private:
  void SignalLeadersGroup(const std::vector<ProcessStat>& members);
  bool SignalNested(const std::vector<ProcessStat>& supervisors);
  bool SignalMember(const ProcessSet& set, const ProcessStat& process,
                    bool killing);
  void KillCgroup(const std::vector<ProcessStat>& members);
  void NoteKilled(const ProcessStat& process);

  NestedSessions& nested_;
  Nested fate_;
  const pid_t leader_;
  const Cgroup* const cgroup_;
  const absl::Time kill_time_;
  absl::Time kill_nested_time_;
  SignalOnce terminate_{{SIGTERM, SIGCONT}};
  SignalOnce kill_{{SIGKILL}};
  Backoff backoff_;
  absl::Time next_round_;
  bool group_signalled_ = false;
  std::vector<ProcessStat> strays_;
};

}  // namespace csa

#endif  // CSA_TOOLS_SUPERVISE_TERMINATION_H_
