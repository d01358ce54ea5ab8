// Promise: nothing outlives its session.

#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::string_view kAllKinds =
    "child,own-group,setsid,daemon,ignore-term,stopped,bare,respawn,threaded";
constexpr int kKinds = 9;
constexpr absl::string_view kObedientKinds =
    "child,own-group,setsid,daemon,stopped,bare,threaded";
constexpr int kObedient = 7;

class ContainmentTest : public CsaTest {
 protected:
  // Starts the hostile command as a session of its own.
  std::string SpawnHostile(const std::vector<std::string>& options,
                           const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = options;
    argv.insert(argv.end(), {"--", Hostile(), lifeline_.path()});
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Spawn(argv);
  }

  // Expects that nothing is left when `option` has ended a session. The time
  // that it gives is doubled until everybody is there to be ended.
  void ExpectTimeoutLeavesNothingAlive(const std::string& option,
                                       SessionStatus status) const {
    for (absl::Duration timeout = absl::Milliseconds(500);; timeout *= 2) {
      const std::string duration = absl::FormatDuration(timeout);
      Lifeline lifeline(scratch().PathOf(duration));
      const std::string id =
          Spawn({option, absl::StrCat(absl::ToInt64Milliseconds(timeout), "ms"),
                 "--", Hostile(), lifeline.path(), std::string(kAllKinds)});
      const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
      const bool ready = supervisor.ok() &&
                         lifeline.AwaitReadyUnlessDead(kKinds + 1, *supervisor);
      EXPECT_EQ(Wait(id).exit_status, 143);
      EXPECT_EQ(ResultOf(id).status, status);
      if (!ready) continue;
      EXPECT_TRUE(lifeline.AllDead());
      return;
    }
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

TEST_F(ContainmentTest, F22_KillLeavesNothingAlive) {
  const std::string id = SpawnHostile({}, {std::string(kAllKinds)});
  lifeline_.AwaitReady(kKinds + 1);
  const Ended kill = Kill(id);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_EQ(kill.output, absl::StrCat(id, " ended\n"));
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_EQ(result.command_signal, SIGTERM);
  EXPECT_THAT(result.ended_by, HasSubstr(" csa-kill < "));
  EXPECT_GE(result.strays, 1);  // the one that ignores SIGTERM
}

TEST_F(ContainmentTest, F22_WhatObeysNeedsNoSecondSignal) {
  const std::string id = SpawnHostile({}, {std::string(kObedientKinds)});
  lifeline_.AwaitReady(kObedient + 1);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.strays, 0);
  EXPECT_THAT(result.stray_names, IsEmpty());
}

TEST_F(ContainmentTest, F23_EscalatesWhenTheLeaderHasGone) {
  const std::string id = SpawnHostile({}, {"ignore-term"});
  lifeline_.AwaitReady(2);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).strays, 1);
}

TEST_F(ContainmentTest, F26_NaturalEndLeavesNothingAlive) {
  const std::string id = SpawnHostile({}, {std::string(kAllKinds), "7"});
  lifeline_.AwaitReady(kKinds);
  lifeline_.Release();
  const Ended wait = Wait(id);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(wait.exit_status, 7) << wait.error;
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kFailure);
  EXPECT_GE(result.strays, kKinds);
  ASSERT_FALSE(result.stray_names.empty());
  EXPECT_THAT(result.stray_names[0], HasSubstr(" hostile"));
  EXPECT_THAT(wait.error, HasSubstr(absl::StrCat("strays=", result.strays)));
}

TEST_F(ContainmentTest, F31_TimeoutLeavesNothingAlive) {
  ExpectTimeoutLeavesNothingAlive("--timeout", SessionStatus::kTimeout);
}

TEST_F(ContainmentTest, F31_IdleTimeoutLeavesNothingAlive) {
  ExpectTimeoutLeavesNothingAlive("--idle-timeout",
                                  SessionStatus::kIdleTimeout);
}

TEST_F(ContainmentTest, F30_CtrlCOfNoDaemonLeavesNothingAlive) {
  const std::string script =
      absl::StrCat("exec ", Hostile(), " ", lifeline_.path(), " ", kAllKinds);
  Program run(CsaArgv({"run", "--tool", "sh", "--no-daemon", script}),
              InTest());
  run.AwaitError("CSA:SESSION_STARTED");
  lifeline_.AwaitReady(kKinds + 1);
  run.Signal(SIGINT);
  const Ended ended = run.Await();
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ended.exit_status, 143) << ended.error;
  ASSERT_EQ(StoreEntries().size(), 1U);
  EXPECT_EQ(ResultOf(StoreEntries()[0]).status, SessionStatus::kKilled);
}

TEST_F(ContainmentTest, F25_ForkStormIsOutrun) {
  const std::string id = SpawnHostile({}, {"respawn,respawn,chain"});
  lifeline_.AwaitReady(4);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

// `cmd > >(filter)`: the filter ends after the command, and by itself.
TEST_F(ContainmentTest, F13_OutputOfAFilterThatEndsLastIsWhole) {
  const std::string id =
      Spawn({"--", "bash", "-c",
             "seq 1 20000 > >(while read -r n; do echo $n; done)"});
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 0);
  const std::vector<std::string> lines =
      absl::StrSplit(wait.output, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 20000U);
  EXPECT_EQ(lines.back(), "20000");
  EXPECT_EQ(ResultOf(id).strays, 0);
}

// A filter that takes long, and writes all the while.
// As a shell does that cleans up behind itself.
TEST_F(ContainmentTest, F22_WhatIsForkedWhenTheLeaderIsToldToEndIsToldToo) {
  const Gate never(scratch().PathOf("never"));
  for (int round = 0; round < 20; ++round) {
    Lifeline ready(scratch().PathOf(absl::StrCat("ready", round)));
    const std::string id =
        Spawn({"--", "bash", "-c",
               absl::StrCat("trap 'sleep 1000 & exit 0' TERM; echo x > ",
                            ready.path(), "; exec 9<>", never.path(),
                            "; while :; do read -r -u 9; done")});
    ready.AwaitReady(1);
    EXPECT_EQ(Kill(id).exit_status, 0);
    EXPECT_EQ(ResultOf(id).strays, 0);
  }
}

TEST_F(ContainmentTest, F13_OutputOfASlowFilterIsWhole) {
  const Gate never(scratch().PathOf("never"));
  const std::string id =
      Spawn({"--", "bash", "-c",
             absl::StrCat("exec 9<>", never.path(),
                          "; seq 1 50 > >(while read -r n; do "
                          "read -r -t 0.02 -u 9; echo $n; done)")});
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 0);
  const std::vector<std::string> lines =
      absl::StrSplit(wait.output, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 50U);
  EXPECT_EQ(ResultOf(id).strays, 0);
}

// A filter that writes nothing until it has done all its work.
TEST_F(ContainmentTest, F13_OutputOfAFilterThatWritesAtItsEndIsWhole) {
  const std::string id = Spawn(
      {"--", "bash", "-c",
       "seq 1 1000 > >(while read -r n; do for ((i = 0; i < 20; ++i)); do :; "
       "done; sum=$((sum + n)); done; echo $sum)"});
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 0);
  EXPECT_EQ(wait.output, "500500\n");
  EXPECT_EQ(ResultOf(id).strays, 0);
}

// The descriptors that a grandchild keeps open do not keep the session open.
TEST_F(ContainmentTest, F22_GrandchildHoldingStdoutIsEnded) {
  const std::string id = SpawnHostile({}, {"daemon", "0"});
  lifeline_.AwaitReady(1);
  lifeline_.Release();
  EXPECT_EQ(Wait(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).strays, 1);
}

}  // namespace
}  // namespace csa
