#include "tests/faults/scenarios.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/os/pid_fd.h"
#include "common/session/session_id.h"
#include "common/session/session_store.h"

namespace csa {
namespace {

// The processes of StartHostile("setsid,daemon"), the command among them.
constexpr int kHostile = 3;

void PrepareNothing(Trial& /*trial*/) {}

// A command with input that ends by itself, and leaves a process behind that
// has left its process group.
Ended StartAndEnd(Trial& trial) {
  const std::string script =
      R"(cat; "$0" "$1" setsid & read go < "$2"; exit 3)";
  Ended spawn = trial.RunFaulty(
      "csa-spawn",
      {"--stdin=capture", "--", "sh", "-c", script, Trial::Hostile(),
       trial.lifeline().path(), trial.gate().path()},
      "words\n");
  trial.AwaitReadyIfRunning(2);
  trial.gate().Open();
  trial.AwaitEnds();
  return spawn;
}

Ended StartAnAgent(Trial& trial) {
  Ended run = trial.RunFaulty("csa-run", {"--tool", "sh", "exit 3"});
  trial.AwaitEnds();
  return run;
}

Ended StartWhatIsMissing(Trial& trial) {
  Ended spawn = trial.RunFaulty("csa-spawn", {"--", "/there/is/none"});
  trial.AwaitEnds();
  return spawn;
}

Ended StartAndKill(Trial& trial) {
  Ended spawn = trial.RunFaulty(
      "csa-spawn",
      {"--", Trial::Hostile(), trial.lifeline().path(), "setsid,daemon"});
  trial.AwaitReadyIfRunning(kHostile);
  const std::vector<std::string> ids = trial.VisibleIds();
  if (ids.size() != 1) return spawn;
  return trial.RunFaulty("csa-kill", ids);
}

void PrepareHostile(Trial& trial) {
  trial.StartHostile("setsid,daemon", kHostile);
}

void PrepareLost(Trial& trial) {
  PrepareHostile(trial);
  trial.KillSupervisor(trial.VisibleIds().at(0));
}

void PrepareStopped(Trial& trial) {
  PrepareHostile(trial);
  const absl::StatusOr<PidFd> supervisor =
      PidFd::Open(trial.SupervisorOf(trial.VisibleIds().at(0)));
  ASSERT_TRUE(supervisor.ok()) << supervisor.status();
  EXPECT_TRUE(supervisor->Signal(SIGSTOP).ok());
}

// Attaching is as with one that runs, and comes to an end at once.
void PrepareOutput(Trial& trial) {
  EXPECT_EQ(
      trial.RunFaulty("csa-spawn", {"--", "sh", "-c", "echo words; exit 3"})
          .exit_status,
      0);
  trial.AwaitEnds();
}

Ended Attach(Trial& trial) {
  return trial.RunFaulty("csa-attach", trial.VisibleIds());
}

Ended KillAll(Trial& trial) {
  return trial.RunFaulty("csa-kill", trial.VisibleIds());
}

// A lost session with processes, and what was left half made and half removed.
void PrepareGarbage(Trial& trial) {
  PrepareLost(trial);
  for (const char* suffix : {"", ".gc"}) {
    const std::string directory = trial.DirectoryOf(
        absl::StrCat(HiddenName(SessionId::Generate(absl::Now())), suffix));
    EXPECT_EQ(mkdir(directory.c_str(), 0700), 0);
    WriteFile(directory + "/prompt.txt", "words");
    WriteFile(directory + "/daemon.pid", "1\n");
  }
  trial.AgeHidden();
}

Ended Collect(Trial& trial) { return trial.RunFaulty("csa-gc", {}); }

void PrepareFinished(Trial& trial) {
  for (int i = 0; i < 2; ++i) StartAnAgent(trial);
}

Ended RemoveAll(Trial& trial) {
  return trial.RunFaulty("csa-gc", {"--keep=0"});
}

}  // namespace

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> scenarios = {
      {"SpawnToTheEnd", "csa-spawn", "", PrepareNothing, StartAndEnd, 0,
       SessionStatus::kFailure},
      {"SuperviseToTheEnd", "csa-supervise", "", PrepareNothing, StartAndEnd, 0,
       SessionStatus::kFailure},
      {"SpawnWhatIsMissing", "csa-spawn", "", PrepareNothing,
       StartWhatIsMissing, 127, SessionStatus::kLost},
      {"SuperviseWhatIsMissing", "csa-supervise", "", PrepareNothing,
       StartWhatIsMissing, 127, SessionStatus::kLost},
      {"SuperviseToARequest", "csa-supervise", "", PrepareNothing, StartAndKill,
       0, SessionStatus::kKilled},
      {"Run", "csa-run", "", PrepareNothing, StartAnAgent, 0,
       SessionStatus::kFailure},
      {"Attach", "csa-attach", "", PrepareOutput, Attach, 3,
       SessionStatus::kFailure},
      {"Kill", "csa-kill", "", PrepareHostile, KillAll, 0,
       SessionStatus::kKilled},
      {"KillLost", "csa-kill", "", PrepareLost, KillAll, 0,
       SessionStatus::kLost},
      // Its SIGCONT does not come through: the supervisor stays stopped.
      {"KillFromOutside", "csa-kill", "csa-kill pidfd_send_signal 2 3",
       PrepareStopped, KillAll, 0, SessionStatus::kKilled, 40},
      {"CollectGarbage", "csa-gc", "", PrepareGarbage, Collect, 0,
       SessionStatus::kLost},
      {"RemoveFinished", "csa-gc", "", PrepareFinished, RemoveAll, 0,
       SessionStatus::kFailure},
  };
  return scenarios;
}

}  // namespace csa
