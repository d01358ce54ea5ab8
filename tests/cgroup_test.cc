// Promise: nothing outlives its session, by cgroups where there are some. (All
// other promises hold with them as without: tests/promise_test.bzl.)

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/os/pid_fd.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::HasSubstr;
using testing::Not;

class CgroupTest : public CsaTest {
 protected:
  CgroupTest() { EXPECT_TRUE(WithCgroups()); }

  std::string SpawnHostile(const std::string& kinds) const {
    return Spawn({"--", Hostile(), lifeline_.path(), kinds});
  }

  std::string CgroupOf(const std::string& id) const {
    return std::string(absl::StripSuffix(FileOf(id, "cgroup"), "\n"));
  }

  // Starts a session of a shell that calls `begin` and starts a nested one, of
  // three processes, with `variables` in its environment. Returns both ids.
  std::pair<std::string, std::string> SpawnNested(
      const std::string& variables, const std::string& begin = ":") {
    const std::string inner = scratch().PathOf("inner");
    std::string outer = Run(
        absl::StrCat(begin, "; ", variables, " ", Tool("csa"), " spawn -- ",
                     Hostile(), " ", lifeline_.path(), " setsid,ignore-term > ",
                     inner, "; trap '' TERM; echo > ", lifeline_.path(),
                     "; read go < ", gate_.path()));
    // The last is the outer one, which knows the id.
    lifeline_.AwaitReady(4);
    return {std::move(outer), ReadFile(inner).substr(0, 26)};
  }

  // Expects that csa gc of the outer session, which is lost, ends that alone.
  void ExpectGcSparesNested(const std::string& outer,
                            const std::string& inner) {
    const Ended gc = Csa({"gc"});
    EXPECT_EQ(gc.exit_status, 0) << gc.error;
    EXPECT_EQ(gc.output, absl::StrCat(outer, " lost\n"));
    EXPECT_TRUE(IsRunning(inner));
    EXPECT_FALSE(lifeline_.AllDead());
    EXPECT_EQ(Kill(inner).exit_status, 0);
    EXPECT_TRUE(lifeline_.AllDead());
  }

  // The second write of the nested session's supervisor, which would move it
  // out of the outer cgroup, fails (EIO).
  static constexpr char kCannotLeave[] = "CSA_FAULT='csa-supervise write 2 5'";

  Lifeline lifeline_{scratch().PathOf("lifeline")};
  Gate gate_{scratch().PathOf("gate")};
};

TEST_F(CgroupTest, HoldsWhatTheSessionStarted) {
  const std::string id = SpawnHostile("setsid,daemon,bare,own-group");
  lifeline_.AwaitReady(5);
  const std::string processes = ReadFile(CgroupOf(id) + "/cgroup.procs");
  EXPECT_EQ(std::count(processes.begin(), processes.end(), '\n'), 5)
      << processes;
  EXPECT_THAT("\n" + processes,
              Not(HasSubstr(absl::StrCat("\n", SupervisorOf(id), "\n"))));
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

TEST_F(CgroupTest, IsGoneWhenTheSessionHasEnded) {
  const std::string natural = Run("exit 3");
  EXPECT_EQ(Wait(natural).exit_status, 3);
  EXPECT_FALSE(std::filesystem::exists(CgroupOf(natural)));
  const std::string killed = SpawnHostile("ignore-term");
  lifeline_.AwaitReady(2);
  EXPECT_TRUE(std::filesystem::exists(CgroupOf(killed)));
  EXPECT_EQ(Kill(killed).exit_status, 0);
  EXPECT_FALSE(std::filesystem::exists(CgroupOf(killed)));
  const Ended missing = Csa({"spawn", "--", "/none"});
  EXPECT_EQ(missing.exit_status, 127);
  EXPECT_EQ(StoreEntries().size(), 2U);
}

// Whoever was to remove it has been killed, say.
TEST_F(CgroupTest, IsGoneAtTheLatestWhenTheSessionIsRemoved) {
  const std::string id = Run("exit 3");
  EXPECT_EQ(Wait(id).exit_status, 3);
  // Until the supervisor has gone, gc removes nothing.
  EXPECT_EQ(Kill(id).output, absl::StrCat(id, " already ended\n"));
  const std::string cgroup = CgroupOf(id);
  ASSERT_TRUE(std::filesystem::create_directory(cgroup));
  for (const char* mode : {"--dry-run", "--dry-run=false"}) {
    EXPECT_TRUE(std::filesystem::exists(cgroup));
    EXPECT_EQ(Csa({"gc", "--keep=0", mode}).exit_status, 0);
  }
  EXPECT_FALSE(std::filesystem::exists(cgroup));
  EXPECT_TRUE(StoreEntries().empty());
}

// As a container engine makes them.
TEST_F(CgroupTest, IsGoneWithThoseThatTheCommandMadeBelowIt) {
  const std::string id = Run(absl::StrCat(
      "own=$(cat $CSA_SESSION_DIR/cgroup); mkdir -p $own/sub/subsub; ",
      "echo $$ > $own/sub/subsub/cgroup.procs; exec ", Hostile(), " ",
      lifeline_.path(), " setsid,ignore-term 3"));
  lifeline_.AwaitReady(2);
  lifeline_.Release();
  EXPECT_EQ(Wait(id).exit_status, 3);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_FALSE(std::filesystem::exists(CgroupOf(id)));
}

// Those of nested sessions lie beside the outer one's, and their supervisors in
// none of them.
TEST_F(CgroupTest, ANestedSessionHasItsOwn) {
  const std::string outer = Run(absl::StrCat(
      Tool("csa"), " run --tool sh 'exec ", Hostile(), " ", lifeline_.path(),
      " setsid' > ", scratch().PathOf("inner"), "; read go < ", gate_.path()));
  lifeline_.AwaitReady(2);
  std::string inner;
  for (const std::string& id : StoreEntries()) {
    if (id != outer) inner = id;
  }
  const std::filesystem::path base =
      std::filesystem::path(CgroupOf(outer)).parent_path();
  EXPECT_EQ(std::filesystem::path(CgroupOf(inner)).parent_path(), base);
  EXPECT_THAT(ReadFile(base / "supervisors" / "cgroup.procs"),
              HasSubstr(absl::StrCat(SupervisorOf(inner), "\n")));
  EXPECT_EQ(Kill(outer).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(inner).status, SessionStatus::kKilled);
  EXPECT_FALSE(std::filesystem::exists(CgroupOf(inner)));
}

// Its supervisor would die with the outer one's cgroup, if that were ended in
// one step.
TEST_F(CgroupTest, ANestedSessionThatCannotLeaveHasNone) {
#ifdef NDEBUG
  GTEST_SKIP() << "fault points are compiled out";
#endif
  const auto [outer, inner] = SpawnNested(kCannotLeave);
  EXPECT_FALSE(std::filesystem::exists(DirectoryOf(inner) + "/cgroup"));
  EXPECT_THAT(ReadFile(CgroupOf(outer) + "/cgroup.procs"),
              HasSubstr(absl::StrCat(SupervisorOf(inner), "\n")));
  EXPECT_EQ(Kill(outer).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(inner).status, SessionStatus::kKilled);
}

TEST_F(CgroupTest, GcOfALostOneSparesANestedSessionThatCannotLeave) {
#ifdef NDEBUG
  GTEST_SKIP() << "fault points are compiled out";
#endif
  const auto [outer, inner] = SpawnNested(kCannotLeave);
  KillSupervisor(outer);
  ExpectGcSparesNested(outer, inner);
}

TEST_F(CgroupTest, GcOfALostOneSparesANestedSessionInACgroupBelow) {
#ifdef NDEBUG
  GTEST_SKIP() << "fault points are compiled out";
#endif
  const auto [outer, inner] =
      SpawnNested(kCannotLeave,
                  "own=$(cat $CSA_SESSION_DIR/cgroup); mkdir $own/below; "
                  "echo $$ > $own/below/cgroup.procs");
  KillSupervisor(outer);
  ExpectGcSparesNested(outer, inner);
}

// Its orphans fall to the supervisor of the session that it was started in,
// which is not theirs.
TEST_F(CgroupTest, F22_GcOfALostNestedOneEndsWhatItHasLeft) {
  const auto [outer, inner] = SpawnNested("");
  KillSupervisor(inner);
  const Ended gc = Csa({"gc"});
  EXPECT_EQ(gc.exit_status, 0) << gc.error;
  EXPECT_EQ(gc.output, absl::StrCat(inner, " lost\n"));
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_FALSE(std::filesystem::exists(CgroupOf(inner)));
  EXPECT_TRUE(IsRunning(outer));
  gate_.Open();
  EXPECT_EQ(Wait(outer).exit_status, 0);
}

// Whatever it has done to its environment and its parents.
TEST_F(CgroupTest, F22_NothingOfALostSessionIsLeft) {
  const std::string id =
      SpawnHostile("setsid,daemon,ignore-term,stopped,bare,respawn");
  lifeline_.AwaitReady(7);
  KillSupervisor(id);
  EXPECT_FALSE(lifeline_.AllDead());
  const Ended kill = Kill(id);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_EQ(kill.output, absl::StrCat(id, " ended\n"));
  EXPECT_THAT(kill.error, HasSubstr("Nothing is left in its cgroup"));
  EXPECT_FALSE(std::filesystem::exists(CgroupOf(id)));
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

// Every process of the chain leaves a dead one below a supervisor that does not
// reap.
TEST_F(CgroupTest, F29_AStormBelowAStoppedSupervisorIsEnded) {
  const std::string id = SpawnHostile("chain,bare");
  lifeline_.AwaitReady(3);
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
  ASSERT_TRUE(supervisor.ok()) << supervisor.status();
  // Keeps it from handling csa kill's SIGTERM, which comes with SIGCONT.
  ASSERT_TRUE(supervisor->Signal(SIGSTOP).ok());
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

// The command may write anything into its session's directory.
TEST_F(CgroupTest, F24_AForgedRecordEndsNobodyElse) {
  const std::string other = SpawnHostile("setsid");
  lifeline_.AwaitReady(2);
  const std::string id = Run("sleep 1000");
  WriteFile(DirectoryOf(id) + "/cgroup", FileOf(other, "cgroup"));
  KillSupervisor(id);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_FALSE(lifeline_.AllDead());
  EXPECT_TRUE(IsRunning(other));
}

// Whether memory can be limited here. `dev/vm` has a machine where it can, and
// says so.
bool HasMemoryController() {
  if (std::getenv("CSA_TEST_MEMORY") != nullptr) return true;
  return absl::StrContains(ReadFile("/sys/fs/cgroup/cgroup.controllers"),
                           "memory");
}

class MemoryTest : public CgroupTest {
 protected:
  void SetUp() override {
    if (!HasMemoryController()) GTEST_SKIP() << "no controller: see dev/vm";
  }

  // Starts what takes 150 MiB.
  std::string SpawnUnderLimit(const char* limit) const {
    return Spawn({"--memory-max", limit, "--", "dd", "if=/dev/zero",
                  "of=/dev/null", "bs=150M", "count=1"});
  }
};

TEST_F(MemoryTest, ALimitIsKept) {
  const std::string id = SpawnUnderLimit("64M");
  EXPECT_EQ(Wait(id).exit_status, 128 + SIGKILL);
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kSignal);
  EXPECT_GT(result.memory_peak.value_or(0), int64_t{32} << 20);
  EXPECT_LE(result.memory_peak.value_or(INT64_MAX), int64_t{64} << 20);
}

TEST_F(MemoryTest, WhatIsNotUsedUpIsCounted) {
  const std::string id = SpawnUnderLimit("1G");
  EXPECT_EQ(Wait(id).exit_status, 0);
  EXPECT_GT(ResultOf(id).memory_peak.value_or(0), int64_t{150} << 20);
}

TEST_F(CgroupTest, AMemoryLimitThatCannotBeKeptIsRefused) {
  if (HasMemoryController()) GTEST_SKIP() << "it can be kept";
  const Ended spawn = Csa({"spawn", "--memory-max=64M", "--", "true"});
  EXPECT_EQ(spawn.exit_status, 125);
  EXPECT_EQ(spawn.output, "");
  EXPECT_THAT(spawn.error, HasSubstr("without --memory-max"));
  EXPECT_TRUE(StoreEntries().empty());
}

}  // namespace
}  // namespace csa
