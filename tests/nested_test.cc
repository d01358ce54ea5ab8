// Promise: a nested session is spared when the outer one ends by itself, and
// ended when that one is killed; each has a result of its own.

#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

class NestedTest : public CsaTest {
 protected:
  // A script that starts a session three deep, whose innermost command holds
  // the lifeline. Each level prints the id of the session that it started, says
  // so on the lifeline, then does what `then` says: kReady bytes in all.
  std::string ThreeDeep(const std::string& then) {
    const std::string run = absl::StrCat(Tool("csa"), " run --tool sh ");
    const std::string go_on =
        absl::StrCat("; printf x > ", lifeline_.path(), "; ", then);
    WriteFile(scratch().PathOf("inner.sh"),
              absl::StrCat(run, "'exec ", Hostile(), " ", lifeline_.path(),
                           " setsid'", go_on));
    return absl::StrCat(run, "--prompt-file ", scratch().PathOf("inner.sh"),
                        go_on);
  }
  static constexpr int kReady = 4;

  // The id that the session `id` has printed.
  std::string ChildOf(const std::string& id) {
    const std::vector<std::string> lines =
        absl::StrSplit(FileOf(id, "stdout.log"), '\n');
    return lines[0];
  }

  // A session that is lost, and the one within that was to end with it.
  struct Lost {
    std::string outer;
    std::string inner;
  };

  // Has the inner one run `csa` with `arguments`, and what else follows them,
  // in an environment that does not name it.
  Lost RunInLost(const std::string& arguments) {
    const std::string csa = Tool("csa");
    const std::string outer =
        Spawn({"--end-nested", "--", "/bin/sh", "-c",
               absl::StrCat(csa, " run --tool sh 'read go < ", gate_.path(),
                            "; env -u CSA_SESSION_ID ", csa, " ", arguments,
                            "'; sleep 1000")});
    Program follower(CsaArgv({"attach", outer}), InTest());
    follower.AwaitOutput("\n");
    KillSupervisor(outer);
    EXPECT_EQ(follower.Await().exit_status, 1);
    gate_.Open();
    return {.outer = outer, .inner = ChildOf(outer)};
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
  Gate gate_{scratch().PathOf("gate")};
};

TEST_F(NestedTest, SparedByANaturalEnd) {
  const std::string outer = Run(ThreeDeep("exit 0"));
  EXPECT_EQ(Wait(outer).exit_status, 0);
  const std::string middle = ChildOf(outer);
  EXPECT_EQ(Wait(middle).exit_status, 0);
  const std::string inner = ChildOf(middle);
  lifeline_.AwaitReady(kReady);
  EXPECT_TRUE(IsRunning(inner));
  EXPECT_FALSE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(outer).strays, 0);
  EXPECT_EQ(ResultOf(middle).strays, 0);
  EXPECT_EQ(Kill(inner).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(inner).status, SessionStatus::kKilled);
}

TEST_F(NestedTest, SparedByANaturalEndThoughItsSupervisorIsStopped) {
  const std::string outer =
      Run(ThreeDeep(absl::StrCat("read go < ", gate_.path())));
  lifeline_.AwaitReady(kReady);
  const std::string middle = ChildOf(outer);
  const std::string inner = ChildOf(middle);
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(inner));
  ASSERT_TRUE(supervisor.ok() && supervisor->Signal(SIGSTOP).ok());
  // The outer one and the middle one.
  gate_.Open();
  gate_.Open();
  EXPECT_EQ(Wait(outer).exit_status, 0);
  EXPECT_EQ(Wait(middle).exit_status, 0);
  EXPECT_FALSE(lifeline_.AllDead());
  ASSERT_TRUE(supervisor->Signal(SIGCONT).ok());
  EXPECT_EQ(Kill(inner).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(inner).status, SessionStatus::kKilled);
}

TEST_F(NestedTest, EndedByAKillEachWithItsResult) {
  const std::string outer = Run(ThreeDeep("sleep 1000"));
  lifeline_.AwaitReady(kReady);
  EXPECT_EQ(Kill(outer).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  const std::string middle = ChildOf(outer);
  for (const std::string& id : {outer, middle, ChildOf(middle)}) {
    EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled) << id;
    EXPECT_EQ(ResultOf(id).strays, 0) << id;
  }
}

TEST_F(NestedTest, EndedByAKillThoughItsSupervisorIsStopped) {
  const std::string outer = Run(ThreeDeep("sleep 1000"));
  lifeline_.AwaitReady(kReady);
  const std::string inner = ChildOf(ChildOf(outer));
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(inner));
  ASSERT_TRUE(supervisor.ok() && supervisor->Signal(SIGSTOP).ok());
  EXPECT_EQ(Kill(outer).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  for (const std::string& id : {outer, ChildOf(outer), inner}) {
    EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled) << id;
  }
}

TEST_F(NestedTest, EndedByAKillThoughItsSupervisorWasKilled) {
  const std::string outer = Run(ThreeDeep("sleep 1000"));
  lifeline_.AwaitReady(kReady);
  const std::string middle = ChildOf(outer);
  const std::string inner = ChildOf(middle);
  KillSupervisor(inner);
  EXPECT_EQ(Wait(inner).exit_status, 1);
  EXPECT_EQ(Kill(outer).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(middle).status, SessionStatus::kKilled);
  EXPECT_EQ(ResultOf(outer).status, SessionStatus::kKilled);
  EXPECT_EQ(Kill(inner).exit_status, 0);
  EXPECT_EQ(ResultOf(inner).status, SessionStatus::kLost);
}

// Its supervisor cannot end them with it any more.
TEST_F(NestedTest, EndedByAKillOfALostOne) {
  const std::string outer = Run(ThreeDeep("sleep 1000"));
  lifeline_.AwaitReady(kReady);
  const std::string middle = ChildOf(outer);
  const std::string inner = ChildOf(middle);
  KillSupervisor(outer);
  const Ended kill = Kill(outer);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_THAT(absl::StrSplit(kill.output, '\n'),
              UnorderedElementsAre(absl::StrCat(outer, " ended"),
                                   absl::StrCat(middle, " ended"),
                                   absl::StrCat(inner, " ended"), ""));
  EXPECT_EQ(ResultOf(outer).status, SessionStatus::kLost);
  EXPECT_EQ(ResultOf(middle).status, SessionStatus::kKilled);
  EXPECT_EQ(ResultOf(inner).status, SessionStatus::kKilled);
}

TEST_F(NestedTest, EndedByAKillOfOneThatWasFoundLostBefore) {
  const std::string outer = Run(ThreeDeep("sleep 1000"));
  lifeline_.AwaitReady(kReady);
  const std::string middle = ChildOf(outer);
  KillSupervisor(outer);
  // It was not to end with the outer one.
  EXPECT_EQ(Csa({"gc", "--keep=0"}).output, absl::StrCat(outer, " lost\n"));
  EXPECT_TRUE(IsRunning(middle));
  EXPECT_EQ(Kill(outer).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(middle).status, SessionStatus::kKilled);
}

// Whatever its environment says.
TEST_F(NestedTest, TheOneThatAKillOfALostOneRunsInGoesOn) {
  const Lost lost = RunInLost("kill $CSA_PARENT_SESSION; echo status $?");
  const Ended wait = Wait(lost.inner);
  EXPECT_EQ(wait.exit_status, 0);
  EXPECT_THAT(wait.output, HasSubstr("status 125\n"));
  EXPECT_THAT(FileOf(lost.inner, "stderr.log"), HasSubstr("goes on"));
}

TEST_F(NestedTest, OneWhoseRecordIsBrokenIsNamed) {
  const std::string outer = Run(ThreeDeep("sleep 1000"));
  lifeline_.AwaitReady(kReady);
  const std::string middle = ChildOf(outer);
  WriteFile(DirectoryOf(middle) + "/session.json", "{");
  KillSupervisor(outer);
  const Ended kill = Kill(outer);
  EXPECT_EQ(kill.exit_status, 125);
  EXPECT_THAT(kill.error, HasSubstr(middle));
  EXPECT_EQ(Kill(middle).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

// What was to end with it has nobody who does that.
TEST_F(NestedTest, EndedByGcIfTheyWereToEndWithALostOne) {
  const std::string outer =
      Spawn({"--end-nested", "--", "/bin/sh", "-c", ThreeDeep("sleep 1000")});
  lifeline_.AwaitReady(kReady);
  const std::string middle = ChildOf(outer);
  const std::string inner = ChildOf(middle);
  KillSupervisor(outer);
  const Ended dry_run = Csa({"gc", "--dry-run", "--keep=0"});
  EXPECT_TRUE(IsRunning(inner));
  const Ended gc = Csa({"gc", "--keep=0"});
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(gc.exit_status, 0) << gc.error;
  EXPECT_EQ(dry_run.output, gc.output);
  // The inner one has ended with the middle one.
  EXPECT_THAT(absl::StrSplit(gc.output, '\n'),
              UnorderedElementsAre(absl::StrCat(outer, " lost"),
                                   absl::StrCat(middle, " ended"),
                                   absl::StrCat(outer, " removed"),
                                   absl::StrCat(middle, " removed"),
                                   absl::StrCat(inner, " removed"), ""));
}

TEST_F(NestedTest, TheOneThatGcRunsInGoesOn) {
  const Lost lost = RunInLost("gc; exit 7");
  const Ended wait = Wait(lost.inner);
  EXPECT_EQ(wait.exit_status, 7);
  EXPECT_EQ(wait.output, absl::StrCat(lost.outer, " lost\n"));
}

// What a nested session whose supervisor is dead has left is the outer one's.
TEST_F(NestedTest, OrphansOfALostOneAreSweptAtANaturalEnd) {
  const std::string outer =
      Run(ThreeDeep(absl::StrCat("read go < ", gate_.path())));
  lifeline_.AwaitReady(kReady);
  const std::string middle = ChildOf(outer);
  KillSupervisor(ChildOf(middle));
  KillSupervisor(middle);
  // One may go to what is dying of the middle one.
  gate_.Open();
  gate_.Open();
  EXPECT_EQ(Wait(outer).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

TEST_F(NestedTest, AKillDuringTheNaturalEndEndsItToo) {
  const std::string script = absl::StrCat(
      Tool("csa"), " run --tool sh 'exec ", Hostile(), " ", lifeline_.path(),
      " setsid'; echo $$; ", Hostile(), " ", lifeline_.path(),
      " ignore-term & cat > /dev/null < ", lifeline_.path(), ".go");
  const std::string outer = Run(script);
  lifeline_.AwaitReady(4);
  const std::string inner = ChildOf(outer);
  pid_t leader = 0;
  const std::vector<std::string> lines =
      absl::StrSplit(FileOf(outer, "stdout.log"), '\n');
  ASSERT_TRUE(absl::SimpleAtoi(lines[1], &leader));
  const absl::StatusOr<PidFd> process = PidFd::Open(leader);
  ASSERT_TRUE(process.ok()) << process.status();
  lifeline_.Release();
  ASSERT_TRUE(process->AwaitDeath(absl::InfiniteFuture()).ok());
  // The stray ignores SIGTERM for the grace period, which is what is left of
  // the session when the kill comes.
  const Ended kill = Kill(outer);
  EXPECT_EQ(kill.output, absl::StrCat(outer, " ended\n"));
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(outer).status, SessionStatus::kSuccess);
  EXPECT_EQ(ResultOf(inner).status, SessionStatus::kKilled);
}

}  // namespace
}  // namespace csa
