// Promise: setting the clock moves no deadline and changes no duration (F20).
//
// The wall clock is set by a library that their builds which load libraries let
// in; the monotonic clock is another in a time namespace, as in a container
// that was moved from one machine to another.

#include "absl/time/clock.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kDay = absl::Hours(24);

class ClockTest : public CsaTest {
 protected:
  ClockTest() { SetClock(absl::ZeroDuration()); }

  // Sets the clock of all tools that are running and will run.
  void SetClock(absl::Duration offset) const {
    // Whole, or not at all: they read it whenever they look at their clock.
    WriteFile(scratch().PathOf("clock.new"),
              absl::StrCat(absl::ToInt64Seconds(offset)));
    fs::rename(scratch().PathOf("clock.new"), scratch().PathOf("clock"));
  }

  // The path of `name` in the directory tests.
  static std::string InTests(const std::string& name) {
    const fs::path bin = Tool("");
    return bin.parent_path().parent_path() / name;
  }

  static std::string DynamicTool(const std::string& name) {
    return InTests("dynamic/" + name);
  }

  ProgramOptions UnderClock() const {
    ProgramOptions options;
    options.environment = {{"LD_PRELOAD", InTests("libclock_shim.so")},
                           {"CLOCK_OFFSET_FILE", scratch().PathOf("clock")}};
    options = InTest(options);
    // What is preloaded comes before a sanitizer's own library.
    options.environment["ASAN_OPTIONS"] += ":verify_asan_link_order=0";
    return options;
  }

  Ended Dynamic(const std::string& tool,
                const std::vector<std::string>& arguments) const {
    std::vector<std::string> argv = {DynamicTool(tool)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return RunProgram(argv, UnderClock());
  }

  std::string SpawnUnderClock(const std::vector<std::string>& arguments) const {
    const Ended spawn = Dynamic("csa-spawn", arguments);
    EXPECT_EQ(spawn.exit_status, 0) << spawn.error;
    return spawn.output.substr(0, 26);
  }

  // Expects that `result` tells of a life of a few seconds, in which the clock
  // was set by `step`.
  static void ExpectSane(const SessionResult& result, absl::Duration step) {
    EXPECT_GE(result.wall, absl::ZeroDuration());
    EXPECT_LT(result.wall, absl::Minutes(10));
    const absl::Duration shown = result.completed_at - result.started_at;
    EXPECT_LT(absl::AbsDuration(shown - step), absl::Minutes(10)) << shown;
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

// That the clock is set at all, which the others stand on.
TEST_F(ClockTest, TheToolsShowTheClockThatIsSet) {
  SetClock(10 * kDay);
  const std::string id = SpawnUnderClock({"--", "true"});
  EXPECT_EQ(Wait(id).exit_status, 0);
  EXPECT_GT(ResultOf(id).started_at, absl::Now() + 9 * kDay);
}

// By the wall clock, the deadline would be a day away.
TEST_F(ClockTest, F20_ATimeoutComesThoughTheClockGoesBack) {
  const std::string id = SpawnUnderClock(
      {"--timeout=1s", "--", Hostile(), lifeline_.path(), "setsid"});
  lifeline_.AwaitReady(2);
  SetClock(-kDay);
  EXPECT_EQ(Wait(id).exit_status, 143);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kTimeout);
  ExpectSane(ResultOf(id), -kDay);
}

TEST_F(ClockTest, F20_AnIdleTimeoutComesThoughTheClockGoesBack) {
  const std::string id = SpawnUnderClock(
      {"--idle-timeout=1s", "--", Hostile(), lifeline_.path(), "setsid"});
  lifeline_.AwaitReady(2);
  SetClock(-kDay);
  EXPECT_EQ(Wait(id).exit_status, 143);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kIdleTimeout);
  ExpectSane(ResultOf(id), -kDay);
}

// By the wall clock, the longer deadline would have passed at the first look
// for output, long before the shorter one.
TEST_F(ClockTest, F20_ATimeoutDoesNotComeBecauseTheClockGoesOn) {
  const std::string id =
      SpawnUnderClock({"--timeout=1h", "--idle-timeout=2s", "--", Hostile(),
                       lifeline_.path(), "setsid"});
  lifeline_.AwaitReady(2);
  SetClock(kDay);
  EXPECT_EQ(Wait(id).exit_status, 143);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kIdleTimeout);
  EXPECT_GE(ResultOf(id).wall, absl::Seconds(2));
  ExpectSane(ResultOf(id), kDay);
}

// By the wall clock, SIGKILL would be a day away.
TEST_F(ClockTest, F20_TheGracePeriodEndsThoughTheClockGoesBack) {
  const std::string id = SpawnUnderClock(
      {"--", "sh", "-c",
       absl::StrCat("trap 'echo told; exit 0' TERM; ", Hostile(), " ",
                    lifeline_.path(), " ignore-term & wait")});
  lifeline_.AwaitReady(2);
  Program attach(CsaArgv({"attach", id}), InTest());
  Program kill({DynamicTool("csa-kill"), id}, UnderClock());
  attach.AwaitOutput("told\n");
  SetClock(-kDay);
  EXPECT_EQ(kill.Await().output, id + " ended\n");
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
  EXPECT_EQ(ResultOf(id).strays, 1);
  EXPECT_GE(ResultOf(id).wall, absl::Seconds(5));
}

// Of a lost session there is nothing but the wall clock.
TEST_F(ClockTest, F20_ALostSessionHasNoNegativeDuration) {
  const std::string id =
      SpawnUnderClock({"--", Hostile(), lifeline_.path(), "setsid,daemon"});
  lifeline_.AwaitReady(3);
  KillSupervisor(id);
  SetClock(-kDay);
  const Ended kill = Dynamic("csa-kill", {id});
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
  EXPECT_EQ(ResultOf(id).wall, absl::ZeroDuration());
  EXPECT_EQ(Dynamic("csa-wait", {id}).exit_status, 1);
}

// Whose monotonic clock is a day ahead, or behind.
class TimeNamespaceTest : public ClockTest,
                          public testing::WithParamInterface<int> {
 protected:
  static std::vector<std::string> Shifted(
      const std::vector<std::string>& argv) {
    const std::string offset = absl::StrCat(GetParam());
    std::vector<std::string> shifted = {"unshare", "--time",     "--monotonic",
                                        offset,    "--boottime", offset,
                                        "--fork"};
    if (geteuid() != 0) {
      shifted.insert(shifted.end(), {"--user", "--map-current-user"});
    }
    shifted.insert(shifted.end(), argv.begin(), argv.end());
    return shifted;
  }

  Ended CsaShifted(const std::vector<std::string>& arguments) const {
    return RunProgram(Shifted(CsaArgv(arguments)), InTest());
  }
};

TEST_P(TimeNamespaceTest, F20_ASessionWithin) {
  const Ended spawn = CsaShifted(
      {"spawn", "--", Hostile(), lifeline_.path(), "setsid,daemon", "5"});
  ASSERT_EQ(spawn.exit_status, 0) << spawn.error;
  const std::string id = spawn.output.substr(0, 26);
  lifeline_.AwaitReady(2);
  Program wait(CsaArgv({"wait", id}), InTest());
  lifeline_.Release();
  EXPECT_EQ(wait.Await().exit_status, 5);
  EXPECT_TRUE(lifeline_.AllDead());
  ExpectSane(ResultOf(id), absl::ZeroDuration());
}

TEST_P(TimeNamespaceTest, F20_AKillFromTheOtherSide) {
  const Ended spawn = CsaShifted(
      {"spawn", "--", Hostile(), lifeline_.path(), "ignore-term,daemon,bare"});
  ASSERT_EQ(spawn.exit_status, 0) << spawn.error;
  const std::string within = spawn.output.substr(0, 26);
  const std::string outside =
      Spawn({"--", Hostile(), lifeline_.path(), "daemon,bare"});
  lifeline_.AwaitReady(7);
  EXPECT_EQ(Kill(within).exit_status, 0);
  EXPECT_EQ(CsaShifted({"kill", outside}).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(CsaShifted({"wait", within}).exit_status, 143);
}

TEST_P(TimeNamespaceTest, F20_ALostSessionOfTheOtherSide) {
  const Ended spawn =
      CsaShifted({"spawn", "--", Hostile(), lifeline_.path(), "setsid,daemon"});
  ASSERT_EQ(spawn.exit_status, 0) << spawn.error;
  const std::string id = spawn.output.substr(0, 26);
  lifeline_.AwaitReady(3);
  KillSupervisor(id);
  EXPECT_EQ(Wait(id).exit_status, 1);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

INSTANTIATE_TEST_SUITE_P(, TimeNamespaceTest, testing::Values(86400, -10));

}  // namespace
}  // namespace csa
