// Promise: a supervisor that died is reported as lost, not guessed, and what it
// has left can be ended; one that does not answer is no obstacle.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/pid_fd.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "common/os/unique_fd.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Json = nlohmann::json;

class LostTest : public CsaTest {
 protected:
  // A session with processes of these kinds on the lifeline.
  std::string SpawnHostile(const std::string& kinds) const {
    return Spawn({"--", Hostile(), lifeline_.path(), kinds});
  }

  // Such a session whose supervisor has been killed when so many were ready.
  std::string LoseHostile(const std::string& kinds, int processes) {
    std::string id = SpawnHostile(kinds);
    lifeline_.AwaitReady(processes);
    KillSupervisor(id);
    return id;
  }

  // Stops the supervisor again and again for as long as it lives, which ends
  // the thread.
  std::thread KeepSupervisorStopped(const std::string& id) const {
    PidFd supervisor = PidFd::Open(SupervisorOf(id)).value();
    EXPECT_TRUE(supervisor.Signal(SIGSTOP).ok());
    return std::thread([supervisor = std::move(supervisor)] {
      bool dead = false;
      while (!dead) {
        static_cast<void>(supervisor.Signal(SIGSTOP));
        dead = supervisor.AwaitDeath(MonotonicNow() + absl::Milliseconds(1))
                   .value_or(true);
      }
    });
  }

  void ExpectSaysLost(const std::string& id, const Ended& wait) const {
    EXPECT_EQ(wait.exit_status, 1);
    EXPECT_EQ(wait.output, "");
    EXPECT_THAT(wait.error, HasSubstr("lost"));
    EXPECT_THAT(wait.error, HasSubstr(DirectoryOf(id) + "/stdout.log"));
    EXPECT_THAT(wait.error, HasSubstr(DirectoryOf(id) + "/stderr.log"));
    EXPECT_THAT(wait.error, Not(HasSubstr("COMPLETED")));
  }

  // A process that lives on the lifeline until the test ends it, outside any
  // session but with this variable in its environment.
  Program StartStranger(const std::string& id,
                        const std::vector<std::string>& arguments = {}) {
    std::vector<std::string> argv = {"sh", "-c", "echo > $0; read go < $1",
                                     stranger_.path(), gate_.path()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    ProgramOptions options;
    options.environment = {{"CSA_SESSION_ID", id}};
    return {argv, InTest(options)};
  }

  // Expects that a stranger has not been harmed, and lets it end.
  void ExpectUnharmed(Program& stranger) {
    gate_.Open();
    EXPECT_EQ(stranger.Await().exit_status, 0);
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
  Lifeline stranger_{scratch().PathOf("stranger")};
  Gate gate_{scratch().PathOf("strangers_gate")};
};

TEST_F(LostTest, F15_ABlockedWaitReturnsAtTheDeathOfTheSupervisor) {
  const std::string id = Run(absl::StrCat("echo said; exec ", Hostile(), " ",
                                          lifeline_.path(), " setsid"));
  lifeline_.AwaitReady(2);
  const auto wait = StartWaiter(id, {"wait", id});
  const auto attach = StartWaiter(id, {"attach", id});
  KillSupervisor(id);
  ExpectSaysLost(id, wait->Await());
  const Ended attached = attach->Await();
  EXPECT_EQ(attached.exit_status, 1);
  EXPECT_EQ(attached.output, "said\n");
  ExpectSaysLost(id, Wait(id));
  EXPECT_EQ(FileOf(id, "stdout.log"), "said\n");
}

TEST_F(LostTest, F15_JsonSaysLost) {
  const std::string id = LoseHostile("setsid", 2);
  for (int round = 0; round < 2; ++round) {
    const Ended wait = Csa({"wait", "--format=json", id});
    EXPECT_EQ(wait.exit_status, 1);
    const Json json = Json::parse(wait.output, nullptr, false);
    ASSERT_TRUE(json.is_object()) << wait.output;
    EXPECT_EQ(json.value("state", ""), "lost");
    EXPECT_EQ(json.value("status", ""), "lost");
    EXPECT_EQ(json.value("exit_code", -1), 1);
    // The second time, the result says so.
    EXPECT_EQ(Kill(id).exit_status, 0);
  }
}

// Neither wait nor attach writes anything.
TEST_F(LostTest, F34_ReadersPublishNothing) {
  const std::string id = LoseHostile("setsid", 2);
  ExpectSaysLost(id, Wait(id));
  EXPECT_EQ(Csa({"attach", id}).exit_status, 1);
  EXPECT_NE(access((DirectoryOf(id) + "/result.toml").c_str(), F_OK), 0);
}

TEST_F(LostTest, F22_KillEndsWhatCarriesTheId) {
  const std::string id =
      SpawnHostile("child,own-group,setsid,daemon,ignore-term");
  lifeline_.AwaitReady(6);
  // The command comes before the grandchild that has been orphaned.
  const std::vector<pid_t> children = ChildrenOf(SupervisorOf(id));
  const absl::StatusOr<PidFd> leader =
      PidFd::Open(children.empty() ? 0 : children[0]);
  ASSERT_TRUE(leader.ok()) << leader.status();
  KillSupervisor(id);
  ASSERT_TRUE(leader->AwaitDeath(absl::InfiniteFuture()).ok());
  EXPECT_FALSE(lifeline_.AllDead());
  const Ended kill = Kill(id);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(kill.exit_status, 0);
  EXPECT_EQ(kill.output, absl::StrCat(id, " ended\n"));
  EXPECT_THAT(kill.error, HasSubstr("lost"));
  EXPECT_THAT(kill.error, HasSubstr(WithCgroups() ? "left in its cgroup"
                                                  : "cleared its environment"));
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kLost);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.command_exit, std::nullopt);
  EXPECT_EQ(result.command_signal, std::nullopt);
  EXPECT_EQ(result.strays, 5) << FileOf(id, "result.toml");
  ExpectSaysLost(id, Wait(id));
}

// When the leader dies, the kernel ends what is stopped in its group: the
// others must be found.
TEST_F(LostTest, F22_KillEndsWhatIsStopped) {
  const std::string id = LoseHostile("daemon,stopped,threaded", 4);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

// Whoever reads a list of all processes misses some of these.
TEST_F(LostTest, F25_KillEndsWhatForksAndEndsAllTheTime) {
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    Lifeline lifeline(scratch().PathOf(absl::StrCat("lifeline", round)));
    const std::string id = Spawn({"--", Hostile(), lifeline.path(), "respawn"});
    lifeline.AwaitReady(2);
    KillSupervisor(id);
    EXPECT_EQ(Kill(id).exit_status, 0);
    EXPECT_TRUE(lifeline.AllDead());
    EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
  }
}

// While it becomes a new program, a process shows no environment.
TEST_F(LostTest, F22_KillEndsWhatExecutesAllTheTime) {
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    Lifeline lifeline(scratch().PathOf(absl::StrCat("lifeline", round)));
    const std::string id =
        Spawn({"--", Hostile(), lifeline.path(), "exec-loop"});
    lifeline.AwaitReady(2);
    KillSupervisor(id);
    EXPECT_EQ(Kill(id).exit_status, 0);
    EXPECT_TRUE(lifeline.AllDead());
  }
}

TEST_F(LostTest, F28_LostIsPublishedOnce) {
  const std::string id = LoseHostile("setsid,daemon", 3);
  std::vector<std::string> arguments = {"kill", id};
  Program first(CsaArgv(arguments), InTest());
  Program second(CsaArgv(arguments), InTest());
  EXPECT_EQ(first.Await().exit_status, 0);
  EXPECT_EQ(second.Await().exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  const std::string published = FileOf(id, "result.toml");
  const Ended again = Kill(id);
  EXPECT_EQ(again.exit_status, 0);
  EXPECT_EQ(again.output, absl::StrCat(id, " already ended\n"));
  EXPECT_EQ(FileOf(id, "result.toml"), published);
  ExpectSaysLost(id, Wait(id));
}

// The kernel kills it with its parent.
TEST_F(LostTest, TheLeaderDiesWithItsSupervisor) {
  const std::string id = LoseHostile("", 1);
  lifeline_.AwaitAllDead();
  ExpectSaysLost(id, Wait(id));
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
  EXPECT_EQ(ResultOf(id).strays, 0);
}

TEST_F(LostTest, F24_AnotherSessionsProcessIsSpared) {
  const std::string id = SpawnHostile("setsid");
  lifeline_.AwaitReady(2);
  std::string other = id;
  other.back() = id.back() == '0' ? '1' : '0';
  Program stranger = StartStranger(other);
  stranger_.AwaitReady(1);
  KillSupervisor(id);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  ExpectUnharmed(stranger);
}

TEST_F(LostTest, F24_WhoOnlyNamesTheIdIsSpared) {
  const std::string id = SpawnHostile("setsid");
  lifeline_.AwaitReady(2);
  Program stranger =
      StartStranger("", {id, "CSA_SESSION_ID=" + id, DirectoryOf(id)});
  stranger_.AwaitReady(1);
  KillSupervisor(id);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  ExpectUnharmed(stranger);
}

// Somebody who ends a session from a shell that once belonged to it.
// Nobody has ended them: that is said, and the loss is not recorded yet.
TEST_F(LostTest, F24_TheKillersAncestorsAreSpared) {
  const std::string id = LoseHostile("setsid", 2);
  ProgramOptions options;
  options.environment = {{"CSA_SESSION_ID", id}};
  const std::string csa = Tool("csa");
  const Ended outer = RunProgram(
      {"sh", "-c",
       absl::StrCat("sh -c '", csa, " kill ", id, "; echo $?'; echo outer")},
      InTest(options));
  EXPECT_EQ(outer.output, absl::StrCat(id, " still alive\n1\nouter\n"));
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(Kill(id).output, absl::StrCat(id, " already ended\n"));
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

// What clears away in a lost session is itself left of it.
TEST_F(LostTest, F22_GcInALostSessionDoesNotHideIt) {
  const std::string script =
      absl::StrCat("(echo > ", lifeline_.path(), "; read go < ", gate_.path(),
                   "; ", Tool("csa"), " gc; echo status $?; exec ", Hostile(),
                   " ", lifeline_.path(), " setsid) > ",
                   scratch().PathOf("said"), " & sleep 1000");
  const std::string id = Run(script);
  lifeline_.AwaitReady(1);
  KillSupervisor(id);
  gate_.Open();
  lifeline_.AwaitReady(2);
  EXPECT_EQ(ReadFile(scratch().PathOf("said")),
            absl::StrCat(id, " still alive\nstatus 1\n"));
  EXPECT_FALSE(lifeline_.AllDead());
  EXPECT_EQ(Kill(id).output, absl::StrCat(id, " ended\n"));
  EXPECT_TRUE(lifeline_.AllDead());
}

TEST_F(LostTest, F24_AnotherSessionGoesOn) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string other =
      Run(absl::StrCat("read go < ", gate.path(), "; exit 4"));
  const std::string id = LoseHostile("setsid", 2);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(IsRunning(other));
  gate.Open();
  EXPECT_EQ(Wait(other).exit_status, 4);
}

TEST_F(LostTest, F24_APidInTheFileAloneIsNoSupervisor) {
  const std::string id = LoseHostile("setsid", 2);
  Program stranger = StartStranger("");
  stranger_.AwaitReady(1);
  for (const std::string& pid :
       {absl::StrCat(stranger.pid()), std::string("1"), std::string("0"),
        std::string("-1"), std::string("")}) {
    WriteFile(DirectoryOf(id) + "/daemon.pid", pid + "\n");
    ExpectSaysLost(id, Wait(id));
  }
  WriteFile(DirectoryOf(id) + "/daemon.pid",
            absl::StrCat(stranger.pid(), "\n"));
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  ExpectUnharmed(stranger);
}

// What is stopped is alive: a wait waits.
TEST_F(LostTest, F29_AStoppedSupervisorIsNotLost) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string id =
      Run(absl::StrCat("read go < ", gate.path(), "; exit 6"));
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
  ASSERT_TRUE(supervisor.ok() && supervisor->Signal(SIGSTOP).ok());
  const auto wait = StartWaiter(id, {"wait", id});
  gate.Open();
  ASSERT_TRUE(supervisor->Signal(SIGCONT).ok());
  EXPECT_EQ(wait->Await().exit_status, 6);
}

TEST_F(LostTest, F29_AStoppedSupervisorIsEnded) {
  const std::string id = SpawnHostile("setsid,bare,daemon,stopped");
  lifeline_.AwaitReady(5);
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
  ASSERT_TRUE(supervisor.ok() && supervisor->Signal(SIGSTOP).ok());
  Program wait(CsaArgv({"wait", id}), InTest());
  const Ended kill = Kill(id);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_EQ(kill.output, absl::StrCat(id, " ended\n"));
  EXPECT_EQ(kill.error, "");
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
  EXPECT_EQ(ResultOf(id).exit_code, 143);
  EXPECT_EQ(wait.Await().exit_status, 143);
}

TEST_F(LostTest, F29_ASupervisorThatIsStoppedAgainAndAgainIsEnded) {
  const std::string id =
      SpawnHostile("child,setsid,daemon,ignore-term,stopped,bare,threaded");
  lifeline_.AwaitReady(8);
  std::thread stopper = KeepSupervisorStopped(id);
  Program wait(CsaArgv({"wait", id}), InTest());
  const Ended kill = Kill(id);
  // Only the supervisor's death ends it.
  stopper.join();
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_EQ(kill.output, absl::StrCat(id, " ended\n"));
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_THAT(result.ended_by, HasSubstr(" csa-kill < "));
  EXPECT_GE(result.strays, 1);
  EXPECT_EQ(wait.Await().exit_status, 143);
  EXPECT_EQ(Kill(id).output, absl::StrCat(id, " already ended\n"));
}

TEST_F(LostTest, F24_WhatIsNotBelowASupervisorThatIsKeptStoppedIsSpared) {
  const std::string id = SpawnHostile("setsid");
  lifeline_.AwaitReady(2);
  Program stranger = StartStranger(id);
  stranger_.AwaitReady(1);
  std::thread stopper = KeepSupervisorStopped(id);
  const Ended kill = Kill(id);
  stopper.join();
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
  ExpectUnharmed(stranger);
}

// What forks and ends all the time leaves ever more dead below a supervisor
// that reaps none. That must not take csa-kill ever longer.
TEST_F(LostTest, F25_AStormBelowASupervisorThatIsKeptStoppedHasAnEnd) {
  const std::string id = SpawnHostile("respawn,respawn,bare");
  lifeline_.AwaitReady(4);
  std::thread stopper = KeepSupervisorStopped(id);
  Ended kill = Kill(id);
  while (kill.exit_status == 1) {
    EXPECT_THAT(kill.error, HasSubstr("alive"));
    kill = Kill(id);
  }
  stopper.join();
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

// Carries the session's id, as its supervisor does, and holds its lock.
class LockHolderTest : public LostTest {
 protected:
  // Starts one that ignores SIGTERM.
  Program StartHolder(const std::string& id) {
    const std::string lock = DirectoryOf(id) + "/daemon.pid";
    ProgramOptions options;
    options.environment = {{"CSA_SESSION_ID", id}};
    // A lock stays with a process that executes something, while the file is
    // open.
    options.prepare = [&] {
      const int fd = open(lock.c_str(), O_RDWR);  // NOLINT: to be inherited
      if (!LockForWriting(fd).ok()) _exit(100);
    };
    return {{"sh", "-c", "trap '' TERM; echo > $0; read go < $1",
             stranger_.path(), gate_.path()},
            InTest(options)};
  }
};

// The others are not below it.
TEST_F(LockHolderTest, F22_HidesNobody) {
  const std::string id = LoseHostile("setsid,ignore-term", 3);
  Program holder = StartHolder(id);
  stranger_.AwaitReady(1);
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_EQ(kill.output, absl::StrCat(id, " ended\n"));
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(holder.Await().signal, SIGKILL);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

TEST_F(LockHolderTest, F24_IsEndedWithoutTheKillersAncestors) {
  const std::string id = LoseHostile("", 1);
  Program holder = StartHolder(id);
  stranger_.AwaitReady(1);
  ProgramOptions options;
  options.environment = {{"CSA_SESSION_ID", id}};
  const Ended kill = RunProgram(
      {"sh", "-c", absl::StrCat(Tool("csa"), " kill ", id, "; echo $?")},
      InTest(options));
  EXPECT_EQ(kill.output, absl::StrCat(id, " still alive\n1\n"));
  EXPECT_EQ(holder.Await().signal, SIGKILL);
  EXPECT_EQ(Kill(id).output, absl::StrCat(id, " already ended\n"));
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

// The kernel does not say who holds such a lock, nor whether on this host.
TEST_F(LostTest, F22_ASurvivorWithALockOfAFileDescriptionCanBeEnded) {
  const std::string id = LoseHostile("setsid", 2);
  const std::string lock = DirectoryOf(id) + "/daemon.pid";
  const UniqueFd file = OpenAt(AT_FDCWD, lock, O_RDWR).value();
  struct flock whole = {.l_type = F_WRLCK,
                        .l_whence = SEEK_SET,
                        .l_start = 0,
                        .l_len = 0,
                        .l_pid = 0};
  ASSERT_EQ(fcntl(file.get(), F_OFD_SETLK, &whole), 0);
  Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 125);
  EXPECT_THAT(kill.error, AllOf(HasSubstr(lock), HasSubstr("remove the file")));
  fs::remove(lock);
  kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
}

// The killer that is killed in the middle of its work leaves nothing that a
// second one cannot end.
TEST_F(LostTest, F29_AKillThatIsKilledCanBeRepeated) {
  ASSERT_TRUE(BecomeSubreaper().ok());
  const std::string id = SpawnHostile("setsid,ignore-term,bare");
  lifeline_.AwaitReady(4);
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
  ASSERT_TRUE(supervisor.ok() && supervisor->Signal(SIGSTOP).ok());
  const auto await = [&](int event, int code) {
    siginfo_t info;
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(SupervisorOf(id)), &info,
                     event | WEXITED | WNOWAIT),
              0);
    ASSERT_EQ(info.si_code, code);
  };
  await(WSTOPPED, CLD_STOPPED);
  Program kill(CsaArgv({"kill", id}), InTest());
  // It has asked for the end, and lets the supervisor go on.
  await(WCONTINUED, CLD_CONTINUED);
  kill.Signal(SIGKILL);
  EXPECT_EQ(kill.Await().signal, SIGKILL);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

}  // namespace
}  // namespace csa
