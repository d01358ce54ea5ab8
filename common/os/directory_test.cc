#include "common/os/directory.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Runs `body` in a child, whose failed expectations fail the test: the working
// directory and the umask are the process's.
void InChild(absl::FunctionRef<void()> body) {
  const absl::StatusOr<pid_t> child = ForkWorker([&] {
    body();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  });
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(Reap(*child).value(), 0);
}

class DirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = OpenOwnDirectory(AT_FDCWD, scratch_.path()).value();
  }

  int directory() const { return directory_.get(); }
  std::string PathOf(absl::string_view name) const {
    return scratch_.PathOf(name);
  }
  void Link(const std::string& target, const std::string& name) const {
    ASSERT_EQ(symlinkat(target.c_str(), directory(), name.c_str()), 0);
  }
  void MakeDirectory(const std::string& name) const {
    ASSERT_TRUE(MakeDirectoryAt(directory(), name).ok());
  }
  mode_t ModeOf(const std::string& name) const {
    struct stat status = {};
    EXPECT_EQ(stat(PathOf(name).c_str(), &status), 0);
    return status.st_mode & 07777;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    EXPECT_TRUE(ListDirectory(directory(), [&](absl::string_view name) {
                  names.emplace_back(name);
                  return true;
                }).ok());
    return names;
  }

  ScratchDirectory scratch_;
  UniqueFd directory_;
};

TEST_F(DirectoryTest, OpenOwnDirectoryOpensIt) {
  MakeDirectory("own");
  const absl::StatusOr<UniqueFd> own = OpenOwnDirectory(directory(), "own");
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(fcntl(own->get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(DirectoryTest, OpenOwnDirectoryFindsNone) {
  EXPECT_TRUE(
      absl::IsNotFound(OpenOwnDirectory(directory(), "missing").status()));
  WriteFile(PathOf("file"), "");
  EXPECT_FALSE(OpenOwnDirectory(directory(), "file").ok());
}

TEST_F(DirectoryTest, F39_OpenOwnDirectoryRefusesASymbolicLink) {
  MakeDirectory("own");
  Link("own", "link");
  EXPECT_FALSE(OpenOwnDirectory(directory(), "link").ok());
}

TEST_F(DirectoryTest, F39_OpenOwnDirectoryRefusesWhatOthersMayWriteTo) {
  MakeDirectory("shared");
  for (const mode_t mode : {0770, 0702, 0720}) {
    ASSERT_EQ(chmod(PathOf("shared").c_str(), mode), 0);
    const absl::Status opened =
        OpenOwnDirectory(directory(), "shared").status();
    EXPECT_TRUE(absl::IsPermissionDenied(opened)) << opened;
    EXPECT_THAT(opened.message(), HasSubstr("writable by others"));
  }
  ASSERT_EQ(chmod(PathOf("shared").c_str(), 0755), 0);
  EXPECT_TRUE(OpenOwnDirectory(directory(), "shared").ok());
}

TEST_F(DirectoryTest, F39_OpenOwnDirectoryRefusesAnothersDirectory) {
  MakeDirectory("foreign");
  if (chown(PathOf("foreign").c_str(), 65534, 65534) != 0) {
    GTEST_SKIP() << "only root can give a directory to user 65534";
  }
  const absl::Status opened = OpenOwnDirectory(directory(), "foreign").status();
  EXPECT_TRUE(absl::IsPermissionDenied(opened)) << opened;
  EXPECT_THAT(opened.message(), HasSubstr("belongs to user 65534"));
}

TEST_F(DirectoryTest, MakeDirectoriesMakesAllThatAreMissing) {
  MakeDirectory("a");
  ASSERT_EQ(chmod(PathOf("a").c_str(), 0755), 0);
  InChild([&] {
    SetUmask(0);
    EXPECT_TRUE(MakeDirectories(PathOf("a/b/c")).ok());
  });
  EXPECT_EQ(ModeOf("a"), 0755) << "it was there";
  EXPECT_EQ(ModeOf("a/b"), 0700);
  EXPECT_EQ(ModeOf("a/b/c"), 0700);
  EXPECT_TRUE(MakeDirectories(PathOf("a/b/c")).ok());
}

TEST_F(DirectoryTest, MakeDirectoriesSaysWhatItCouldNotMake) {
  WriteFile(PathOf("file"), "");
  const absl::Status made = MakeDirectories(PathOf("file/b/c"));
  EXPECT_THAT(std::string(made.message()),
              testing::AllOf(HasSubstr("make directory "), HasSubstr("/b/c")));
}

TEST_F(DirectoryTest, MakeDirectoryAtMakesANewOne) {
  EXPECT_TRUE(MakeDirectoryAt(directory(), "a").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(MakeDirectoryAt(directory(), "a")));
}

TEST_F(DirectoryTest, ListDirectoryGivesAllNames) {
  EXPECT_THAT(Names(), IsEmpty());
  WriteFile(PathOf("file"), "");
  WriteFile(PathOf(".hidden"), "");
  MakeDirectory("directory");
  EXPECT_THAT(Names(), UnorderedElementsAre("file", ".hidden", "directory"));
  // The offset of the descriptor has not moved.
  EXPECT_THAT(Names(), UnorderedElementsAre("file", ".hidden", "directory"));
}

TEST_F(DirectoryTest, ListDirectoryStopsWhenTold) {
  WriteFile(PathOf("a"), "");
  WriteFile(PathOf("b"), "");
  int calls = 0;
  EXPECT_TRUE(ListDirectory(directory(), [&](absl::string_view) {
                ++calls;
                return false;
              }).ok());
  EXPECT_EQ(calls, 1);
}

TEST_F(DirectoryTest, F34_RenameNoReplaceReplacesNothing) {
  WriteFile(PathOf("a"), "a");
  WriteFile(PathOf("b"), "b");
  EXPECT_TRUE(absl::IsAlreadyExists(RenameNoReplace(directory(), "a", "b")));
  EXPECT_EQ(ReadFile(PathOf("a")), "a");
  EXPECT_EQ(ReadFile(PathOf("b")), "b");
  EXPECT_TRUE(RenameNoReplace(directory(), "a", "c").ok());
  EXPECT_EQ(ReadFile(PathOf("c")), "a");
  EXPECT_THAT(Names(), UnorderedElementsAre("b", "c"));
}

TEST_F(DirectoryTest, RenameNoReplaceTakesADirectory) {
  MakeDirectory("a");
  MakeDirectory("b");
  EXPECT_TRUE(absl::IsAlreadyExists(RenameNoReplace(directory(), "a", "b")));
  EXPECT_TRUE(RenameNoReplace(directory(), "a", "c").ok());
  EXPECT_TRUE(absl::IsNotFound(RenameNoReplace(directory(), "a", "d")));
}

TEST_F(DirectoryTest, RenameReplacingReplaces) {
  WriteFile(PathOf("a"), "a");
  WriteFile(PathOf("b"), "b");
  EXPECT_TRUE(RenameReplacing(directory(), "a", "b").ok());
  EXPECT_EQ(ReadFile(PathOf("b")), "a");
  EXPECT_TRUE(absl::IsNotFound(RenameReplacing(directory(), "a", "b")));
}

TEST_F(DirectoryTest, RemoveTreeRemovesAllBelow) {
  ASSERT_TRUE(MakeDirectories(PathOf("tree/a/b")).ok());
  WriteFile(PathOf("tree/file"), "");
  WriteFile(PathOf("tree/a/b/.hidden"), "");
  WriteFile(PathOf("beside"), "");
  EXPECT_TRUE(RemoveTree(directory(), "tree").ok());
  EXPECT_TRUE(RemoveTree(directory(), "tree").ok()) << "there is none";
  EXPECT_THAT(Names(), UnorderedElementsAre("beside"));
  EXPECT_TRUE(RemoveTree(directory(), "beside").ok()) << "no directory";
  EXPECT_THAT(Names(), IsEmpty());
}

// Two that remove the same tree come upon each other again and again.
TEST_F(DirectoryTest, RemoveTreeMayBeHelped) {
  constexpr int kTrees = 20;
  constexpr int kDirectories = 50;
  for (int tree = 0; tree < kTrees; ++tree) {
    for (int i = 0; i < kDirectories; ++i) {
      ASSERT_TRUE(MakeDirectories(PathOf(absl::StrCat(tree, "/", i))).ok());
    }
  }
  const auto remove_all = [&] {
    for (int tree = 0; tree < kTrees; ++tree) {
      EXPECT_EQ(RemoveTree(directory(), absl::StrCat(tree)), absl::OkStatus());
    }
  };
  std::thread helper(remove_all);
  remove_all();
  helper.join();
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(DirectoryTest, RemoveTreeNeedsOneDescriptor) {
  MakeDirectory("tree");
  WriteFile(PathOf("tree/file"), "");
  InChild([&] {
    const int next = dup(directory());
    close(next);
    const auto limit = static_cast<rlim_t>(next) + 1;
    const rlimit one = {.rlim_cur = limit, .rlim_max = limit};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &one), 0);
    EXPECT_TRUE(RemoveTree(directory(), "tree").ok());
  });
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(DirectoryTest, F39_RemoveTreeDoesNotFollowSymbolicLinks) {
  MakeDirectory("kept");
  WriteFile(PathOf("kept/file"), "text");
  MakeDirectory("tree");
  Link("../kept", "tree/link");
  Link("kept", "link");
  EXPECT_TRUE(RemoveTree(directory(), "tree").ok());
  EXPECT_TRUE(RemoveTree(directory(), "link").ok());
  EXPECT_THAT(Names(), UnorderedElementsAre("kept"));
  EXPECT_EQ(ReadFile(PathOf("kept/file")), "text");
}

TEST_F(DirectoryTest, DiskUsageIsThatOfAllBelow) {
  MakeDirectory("a");
  MakeDirectory("a/b");
  ASSERT_TRUE(CreateFileAt(directory(), "a/x", std::string(100'000, 'x')).ok());
  ASSERT_TRUE(CreateFileAt(directory(), "a/b/y", "y").ok());
  ASSERT_TRUE(CreateFileAt(directory(), "z", std::string(70'000, 'z')).ok());
  Link("../z", "a/link");
  int64_t bytes = 0;
  for (const char* name : {"a", "a/b", "a/x", "a/b/y", "a/link"}) {
    struct stat status = {};
    ASSERT_EQ(lstat(PathOf(name).c_str(), &status), 0);
    bytes += int64_t{status.st_blocks} * 512;
  }
  EXPECT_GE(bytes, 100'000);
  EXPECT_EQ(DiskUsage(directory(), "a").value(), bytes);
  EXPECT_GE(DiskUsage(directory(), "z").value(), 70'000);
  EXPECT_LT(DiskUsage(directory(), "a/link").value(), 70'000);
}

TEST_F(DirectoryTest, DiskUsageCountsNoHoles) {
  ASSERT_TRUE(CreateFileAt(directory(), "x", "").ok());
  ASSERT_EQ(truncate(PathOf("x").c_str(), 10'000'000), 0);
  EXPECT_LT(DiskUsage(directory(), "x").value(), 1'000'000);
}

TEST_F(DirectoryTest, DiskUsageSaysWhatItCouldNotSee) {
  EXPECT_TRUE(absl::IsNotFound(DiskUsage(directory(), "x").status()));
  if (geteuid() == 0) GTEST_SKIP() << "root may look into every directory";
  MakeDirectory("a");
  MakeDirectory("a/b");
  ASSERT_EQ(chmod(PathOf("a/b").c_str(), 0), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(DiskUsage(directory(), "a").status()));
  ASSERT_EQ(chmod(PathOf("a/b").c_str(), 0700), 0);
}

TEST_F(DirectoryTest, ModificationTimeIsThatOfTheEntries) {
  MakeDirectory("a");
  const UniqueFd open = OpenOwnDirectory(directory(), "a").value();
  const timespec times[] = {{.tv_sec = 7, .tv_nsec = 0},
                            {.tv_sec = 8, .tv_nsec = 5}};
  ASSERT_EQ(futimens(open.get(), times), 0);
  EXPECT_EQ(ModificationTime(open.get()).value(),
            absl::FromUnixSeconds(8) + absl::Nanoseconds(5));
  WriteFile(PathOf("a/entry"), "");
  EXPECT_GT(ModificationTime(open.get()).value(), absl::FromUnixSeconds(8));
  EXPECT_FALSE(ModificationTime(-1).ok());
}

TEST_F(DirectoryTest, SyncDirectoryTakesADirectory) {
  EXPECT_TRUE(SyncDirectory(directory()).ok());
  EXPECT_FALSE(SyncDirectory(-1).ok());
}

TEST_F(DirectoryTest, WorkingDirectoryHasNoSymbolicLinks) {
  MakeDirectory("a");
  Link("a", "link");
  InChild([&] {
    ASSERT_TRUE(EnterDirectory(PathOf("a")).ok());
    const std::string path = WorkingDirectory().value();
    ASSERT_TRUE(EnterDirectory(PathOf("link")).ok());
    EXPECT_EQ(WorkingDirectory().value(), path);
    EXPECT_EQ(path[0], '/');
  });
}

TEST_F(DirectoryTest, F11_WorkingDirectoryMayHaveBeenRemoved) {
  MakeDirectory("a");
  InChild([&] {
    ASSERT_TRUE(EnterDirectory(PathOf("a")).ok());
    ASSERT_TRUE(RemoveTree(directory(), "a").ok());
    EXPECT_TRUE(absl::IsNotFound(WorkingDirectory().status()));
  });
}

TEST_F(DirectoryTest, EnterDirectorySaysWhereItCouldNotGo) {
  EXPECT_EQ(EnterDirectory("/nowhere"),
            absl::NotFoundError("enter directory /nowhere: no such file or "
                                "directory"));
}

TEST_F(DirectoryTest, F39_RemoveTreeGoesAsDeepAsATreeIs) {
  // Deeper than paths, descriptors and recursion go.
  constexpr int kDepth = 3000;
  ASSERT_TRUE(MakeDirectoryAt(directory_.get(), "tree").ok());
  UniqueFd deepest =
      OpenAt(directory_.get(), "tree", O_RDONLY | O_DIRECTORY).value();
  for (int i = 0; i < kDepth; ++i) {
    ASSERT_TRUE(MakeDirectoryAt(deepest.get(), "d").ok());
    ASSERT_TRUE(CreateFileAt(deepest.get(), "file", "x").ok());
    deepest = OpenAt(deepest.get(), "d", O_RDONLY | O_DIRECTORY).value();
  }
  EXPECT_GT(DiskUsage(directory_.get(), "tree").value(), 0);
  EXPECT_TRUE(RemoveTree(directory_.get(), "tree").ok());
  EXPECT_FALSE(ExistsAt(directory_.get(), "tree"));
}

TEST(CheckWritable, SaysWhatStandsInTheWay) {
  const ScratchDirectory scratch;
  EXPECT_TRUE(CheckWritable(scratch.path()).ok());
  EXPECT_TRUE(absl::IsNotFound(CheckWritable(scratch.PathOf("none"))));
  EXPECT_FALSE(CheckWritable("/proc/self/stat/none").ok());
}

TEST(FreeSpace, IsSome) {
  const ScratchDirectory scratch;
  const UniqueFd directory =
      OpenAt(AT_FDCWD, scratch.path(), O_RDONLY | O_DIRECTORY).value();
  EXPECT_GT(FreeSpace(directory.get()).value(), 0);
  EXPECT_FALSE(FreeSpace(-1).ok());
}

}  // namespace
}  // namespace csa
