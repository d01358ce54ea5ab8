// One run of a scenario in a store of its own, with a fault in one program.

#ifndef CSA_TESTS_FAULTS_TRIAL_H_
#define CSA_TESTS_FAULTS_TRIAL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/os/pid_fd.h"
#include "common/session/session_directory.h"
#include "common/session/session_result.h"
#include "common/session/session_state.h"
#include "tests/csa_test.h"

namespace csa {

class Trial : public PrivateState {
 public:
  // `faults` as in CSA_FAULT; "" for none.
  explicit Trial(std::string faults);

  // Runs a tool with the faults.
  Ended RunFaulty(absl::string_view tool,
                  const std::vector<std::string>& arguments,
                  const std::string& input = "") const;

  // Starts a session without faults, with `count` processes on the lifeline,
  // and waits until they are ready.
  void StartHostile(const std::string& kinds, int count);

  // Waits until `count` processes are ready, if there is a session; it may end
  // before that.
  void AwaitReadyIfRunning(int count);

  // Waits for the end of all supervisors.
  void AwaitEnds() const;

  // The ids of all sessions that can be seen.
  std::vector<std::string> VisibleIds() const;

  // Lets what is hidden in the store have been left there long ago.
  void AgeHidden() const;

  // Expects that the store is sound, whatever the fault was: every record that
  // can be seen is whole, all readers say the same of each session, and no
  // process belongs to none.
  void ExpectSound() const;

  // Kills all sessions and collects the garbage, without faults, and expects
  // that nothing is left but finished sessions, whose results are `allowed`.
  // No result that had been published is another one then. Expects that a new
  // session works, and that all can be removed.
  void ExpectRecovers(const std::vector<SessionStatus>& allowed);

  // Expects that the cgroup of no session is left, of whatever trial.
  static void ExpectNoCgroups();

  // The points that the programs have come to, in their order.
  std::vector<std::string> Points() const;

  Lifeline& lifeline() { return lifeline_; }
  const Gate& gate() const { return gate_; }

 private:
  Ended RunTool(absl::string_view tool,
                const std::vector<std::string>& arguments,
                const ProgramOptions& options = {}) const;
  SessionDirectory Open(const std::string& id) const;
  // The supervisor, if the session has one.
  std::optional<PidFd> HoldSupervisorOf(const std::string& id) const;
  void ExpectReadersAgree(const std::string& id,
                          const SessionState& state) const;
  // All processes that were given this trial's store, but for the test itself.
  std::vector<pid_t> Processes() const;
  void ExpectWorks() const;

  const std::string faults_;
  const std::string log_;
  Lifeline lifeline_;
  const Gate gate_;
};

}  // namespace csa

#endif  // CSA_TESTS_FAULTS_TRIAL_H_
