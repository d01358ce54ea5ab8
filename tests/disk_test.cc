// Promise: when the disk is full, sessions go on, their results are whole and
// waiting tells them; one that cannot start says so and leaves nothing (F32).

#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/private_mount.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DiskTest : public CsaTest {
 protected:
  DiskTest() { fs::create_directory(state_); }

  struct statvfs Space() const {
    struct statvfs space = {};
    EXPECT_EQ(statvfs(state_.c_str(), &space), 0);
    return space;
  }

  // Uses up all but `pages` of the store.
  void FillAllBut(uint64_t pages) const {
    const struct statvfs space = Space();
    ASSERT_GE(space.f_bfree, pages);
    WriteFile(state_ + "/filler",
              std::string((space.f_bfree - pages) * space.f_bsize, 'x'));
    ASSERT_EQ(Space().f_bfree, pages);
  }

  // Starts a session with a prompt. Expects that either it starts, and ends as
  // it should, or csa says why not and leaves nothing. Returns whether it
  // started.
  bool StartsOrLeavesNothing() const {
    ProgramOptions options;
    options.input = "a prompt";
    const Ended spawn =
        Csa({"spawn", "--stdin=capture", "--", "sh", "-c", "exit 6"}, options);
    if (spawn.exit_status == 0) {
      const std::string id = spawn.output.substr(0, 26);
      EXPECT_EQ(Wait(id).exit_status, 6);
      EXPECT_EQ(ResultOf(id).status, SessionStatus::kFailure);
      fs::remove_all(DirectoryOf(id));
      return true;
    }
    EXPECT_EQ(spawn.exit_status, 125);
    EXPECT_EQ(spawn.output, "");
    EXPECT_THAT(spawn.error,
                AllOf(HasSubstr("csa-spawn: "), HasSubstr(state_),
                      HasSubstr("no space left"), HasSubstr("make room")));
    EXPECT_THAT(StoreEntries(), IsEmpty());
    return false;
  }

  const std::string state_ = scratch().PathOf("state");
};

TEST_F(DiskTest, F32_FilledByItsOwnOutput) {
  PrivateMount mount("tmpfs", state_, "size=1m,mode=0700");
  const std::string id =
      Run("echo begin; head -c 4000000 /dev/zero | tr '\\0' 'y'; exit 9");
  const Ended wait = Wait(id);
  EXPECT_EQ(Space().f_bfree, 0U);
  EXPECT_EQ(wait.exit_status, 9);
  EXPECT_THAT(wait.error, HasSubstr("status=failure exit=9 "));
  EXPECT_GT(wait.output.size(), 900'000U);
  EXPECT_EQ(wait.output, FileOf(id, "stdout.log"));
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.command_exit, 9);
  EXPECT_EQ(result.summary, std::string(200, 'y'));
}

TEST_F(DiskTest, F32_SuccessIsASuccessOnAFullDisk) {
  PrivateMount mount("tmpfs", state_, "size=1m,mode=0700");
  const std::string id = Run("cat /dev/zero 2> /dev/null; exit 0");
  EXPECT_EQ(Wait(id).exit_status, 0);
  EXPECT_EQ(Space().f_bfree, 0U);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kSuccess);
}

TEST_F(DiskTest, F32_KilledOnAFullDisk) {
  PrivateMount mount("tmpfs", state_, "size=1m,mode=0700");
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string id =
      Run(absl::StrCat("cat /dev/zero; ", Hostile(), " ", lifeline.path(),
                       " child,setsid,daemon,bare"));
  lifeline.AwaitReady(5);
  EXPECT_EQ(Space().f_bfree, 0U);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
  EXPECT_EQ(Wait(id).exit_status, 143);
}

TEST_F(DiskTest, F32_LostOnAFullDisk) {
  PrivateMount mount("tmpfs", state_, "size=1m,mode=0700");
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string id = Run(absl::StrCat("cat /dev/zero; setsid ", Hostile(),
                                          " ", lifeline.path(), " child"));
  lifeline.AwaitReady(2);
  EXPECT_EQ(Space().f_bfree, 0U);
  KillSupervisor(id);
  EXPECT_EQ(Wait(id).exit_status, 1);
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

// A result with all that it can have needs no more than was reserved for it.
TEST_F(DiskTest, F32_TheLongestResultFits) {
  PrivateMount mount("tmpfs", state_, "size=1m,mode=0700");
  Lifeline lifeline(scratch().PathOf("lifeline"));
  std::string wide;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&wide, "\xF0\x9F\x98\x80");
  const std::string id = Spawn(
      {"--tool", std::string(3000, '\\'), "--", "sh", "-c",
       absl::StrCat("cat /dev/zero | tr '\\0' '\\n'; ", "echo '", wide,
                    "' 1<> $CSA_SESSION_DIR/stdout.log; exec ", Hostile(), " ",
                    lifeline.path(),
                    " daemon,daemon,daemon,daemon,daemon,daemon,daemon,daemon,"
                    "daemon,daemon,daemon,daemon 5")});
  lifeline.AwaitReady(12);
  EXPECT_EQ(Space().f_bfree, 0U);
  lifeline.Release();
  EXPECT_EQ(Wait(id).exit_status, 5);
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.strays, 12);
  EXPECT_EQ(result.id, id);
}

TEST_F(DiskTest, F32_InodesUsedUp) {
  PrivateMount mount("tmpfs", state_, "nr_inodes=40,mode=0700");
  const std::string id = Run(
      "i=0; while touch $CSA_SESSION_DIR/$i 2> /dev/null; do i=$((i+1)); done; "
      "echo made $i; exit 8");
  const Ended wait = Wait(id);
  EXPECT_EQ(Space().f_ffree, 0U);
  EXPECT_EQ(wait.exit_status, 8) << wait.error;
  EXPECT_THAT(wait.output, HasSubstr("made "));
  EXPECT_EQ(ResultOf(id).command_exit, 8);
}

TEST_F(DiskTest, F32_TooFullToStart) {
  PrivateMount mount("tmpfs", state_, "size=1m,mode=0700");
  // The last number of pages is more than the records need.
  for (const uint64_t pages : {0, 1, 2, 3, 4, 5, 6, 7, 16}) {
    FillAllBut(pages);
    const bool started = StartsOrLeavesNothing();
    if (pages == 0) {
      EXPECT_FALSE(started);
    }
    if (pages == 16) {
      EXPECT_TRUE(started);
    }
    EXPECT_GE(Space().f_bfree, pages);
    fs::remove(state_ + "/filler");
  }
}

TEST_F(DiskTest, F32_TooFewInodesToStart) {
  // The last number is more than the records need.
  for (const int inodes : {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 30}) {
    PrivateMount mount("tmpfs", state_,
                       absl::StrCat("mode=0700,nr_inodes=", inodes));
    const bool started = StartsOrLeavesNothing();
    if (inodes == 2) {
      EXPECT_FALSE(started);
    }
    if (inodes == 30) {
      EXPECT_TRUE(started);
    }
  }
}

TEST_F(DiskTest, F02_APromptThatDoesNotFitIsRefused) {
  PrivateMount mount("tmpfs", state_, "size=1m,mode=0700");
  ProgramOptions options;
  options.input = std::string(2'000'000, 'p');
  const Ended run = Csa({"run", "--tool", "sh"}, options);
  EXPECT_EQ(run.exit_status, 125);
  EXPECT_EQ(run.output, "");
  EXPECT_THAT(run.error, HasSubstr("no space left"));
  EXPECT_THAT(StoreEntries(), IsEmpty());
  EXPECT_LT(Space().f_blocks - Space().f_bfree, 16U);
}

// The kinds of file systems that a store is likely to be on in a container.
class FileSystemTest : public DiskTest,
                       public testing::WithParamInterface<const char*> {
 protected:
  FileSystemTest() : base_("tmpfs", Made("base"), "mode=0700") {
    for (const char* layer : {"base/lower", "base/upper", "base/work"}) {
      Made(layer);
    }
  }

  std::string Made(const std::string& name) const {
    fs::create_directory(scratch().PathOf(name));
    return scratch().PathOf(name);
  }

  std::string Options() const {
    const std::string base = scratch().PathOf("base");
    return std::string(GetParam()) == "overlay"
               ? absl::StrCat("lowerdir=", base, "/lower,upperdir=", base,
                              "/upper,workdir=", base, "/work")
               : "mode=0700";
  }

  PrivateMount base_;
};

TEST_P(FileSystemTest, KeepsSessions) {
  PrivateMount mount(GetParam(), state_, Options());
  fs::permissions(state_, fs::perms::owner_all);
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string id =
      Run(absl::StrCat("echo out; echo err >&2; ", Hostile(), " ",
                       lifeline.path(), " child,setsid,daemon,bare 7"));
  Program wait(CsaArgv({"wait", id}), InTest());
  lifeline.AwaitReady(4);
  lifeline.Release();
  const Ended waited = wait.Await();
  EXPECT_EQ(waited.exit_status, 7) << waited.error;
  EXPECT_EQ(waited.output, "out\n");
  EXPECT_EQ(FileOf(id, "stderr.log"), "err\n");
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_THAT(StoreEntries(), ElementsAre(id));
  EXPECT_EQ(Kill(id).output, id + " already ended\n");
}

TEST_P(FileSystemTest, EndsSessions) {
  PrivateMount mount(GetParam(), state_, Options());
  fs::permissions(state_, fs::perms::owner_all);
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string killed = Spawn({"--", Hostile(), lifeline.path(), "child"});
  const std::string lost = Spawn({"--", Hostile(), lifeline.path(), "setsid"});
  lifeline.AwaitReady(4);
  EXPECT_EQ(Kill(killed).exit_status, 0);
  EXPECT_EQ(Wait(killed).exit_status, 143);
  KillSupervisor(lost);
  EXPECT_EQ(Wait(lost).exit_status, 1);
  EXPECT_EQ(Kill(lost).exit_status, 0);
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(ResultOf(lost).status, SessionStatus::kLost);
  EXPECT_EQ(Csa({"spawn", "--", "/nowhere"}).exit_status, 127);
  EXPECT_THAT(StoreEntries(), ElementsAre(killed, lost));
}

INSTANTIATE_TEST_SUITE_P(, FileSystemTest, testing::Values("tmpfs", "overlay"));

// An image that has a store in it, under a container.
TEST_F(DiskTest, SessionsOfALowerLayerAreKept) {
  if (geteuid() != 0) GTEST_SKIP() << "only root's overlayfs marks directories";
  const std::string base = scratch().PathOf("base");
  fs::create_directory(base);
  PrivateMount store("tmpfs", base, "mode=0700");
  fs::remove(state_);
  fs::create_directory_symlink(base + "/lower", state_);
  for (const char* layer : {"/lower", "/upper", "/work", "/merged"}) {
    fs::create_directory(base + layer);
    fs::permissions(base + layer, fs::perms::owner_all);
  }
  const std::string finished = Run("echo kept; exit 3");
  EXPECT_EQ(Wait(finished).exit_status, 3);
  const std::string lost = Spawn({"--", "sleep", "1000"});
  KillSupervisor(lost);
  fs::remove(state_);
  fs::create_directory_symlink(base + "/merged", state_);
  PrivateMount merged("overlay", base + "/merged",
                      absl::StrCat("lowerdir=", base, "/lower,upperdir=", base,
                                   "/upper,workdir=", base, "/work"));
  EXPECT_EQ(Wait(finished).output, "kept\n");
  EXPECT_EQ(Wait(lost).exit_status, 1);
  EXPECT_EQ(Kill(lost).exit_status, 0);
  EXPECT_EQ(ResultOf(lost).status, SessionStatus::kLost);
  const std::string fresh = Run("exit 4");
  EXPECT_EQ(Wait(fresh).exit_status, 4);
  EXPECT_THAT(StoreEntries(), ElementsAre(finished, lost, fresh));
}

}  // namespace
}  // namespace csa
