#include "common/os/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/process.h"
#include "common/os/random.h"
#include "common/testing/private_mount.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

absl::Time Soon() { return MonotonicNow() + absl::Seconds(60); }

class CgroupTest : public testing::Test {
 protected:
  CgroupTest()
      : mount_("cgroup2", "/sys/fs/cgroup", ""),
        path_(
            absl::StrCat(OwnCgroup().value(), "/test-", absl::Hex(Random64()))),
        cgroup_(Cgroup::Make(path_).value()) {}
  ~CgroupTest() override {
    EXPECT_TRUE(cgroup_.Kill().ok());
    EXPECT_TRUE(cgroup_.AwaitEmpty(Soon()).value());
    while (!absl::IsNotFound(ReapAny().status())) {
    }
    EXPECT_TRUE(RemoveCgroup(path_).ok());
  }

  // A child that is born in the cgroup and lives until it is killed.
  pid_t StartInside() {
    return Spawn(
               {"sleep", "1000"}, [] { return 0; }, cgroup_.fd())
        .value();
  }

  PrivateMount mount_;
  const std::string path_;
  const Cgroup cgroup_;
};

TEST_F(CgroupTest, TheOwnOneHoldsTheCaller) {
  const Cgroup own = Cgroup::Open(OwnCgroup().value()).value();
  EXPECT_THAT(own.Processes().value(), Contains(getpid()));
}

// As systemd mounts them where version 1 is used as well.
TEST(OwnCgroup, IsFoundBesideVersion1) {
  const PrivateMount mounts("tmpfs", "/sys/fs/cgroup", "");
  ASSERT_EQ(mkdir("/sys/fs/cgroup/unified", 0755), 0);
  EXPECT_TRUE(absl::IsNotFound(OwnCgroup().status()));
  const PrivateMount unified("cgroup2", "/sys/fs/cgroup/unified", "");
  EXPECT_THAT(OwnCgroup().value(), StartsWith("/sys/fs/cgroup/unified"));
  EXPECT_TRUE(Cgroup::Open(OwnCgroup().value()).ok());
}

TEST_F(CgroupTest, IsMadeOnce) {
  EXPECT_TRUE(Cgroup::Open(path_).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Cgroup::Make(path_).status()));
  EXPECT_TRUE(absl::IsNotFound(Cgroup::Open(path_ + "/none").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Cgroup::Open("/tmp").status()));
}

TEST_F(CgroupTest, AChildIsBornInIt) {
  const pid_t child = StartInside();
  EXPECT_THAT(cgroup_.Processes().value(), ElementsAre(child));
}

TEST_F(CgroupTest, HasATree) {
  const pid_t child = StartInside();
  for (const char* const name : {"/below", "/below/that"}) {
    ASSERT_TRUE(Cgroup::Make(path_ + name).ok());
  }
  const UniqueFd procs =
      OpenAt(AT_FDCWD, path_ + "/below/that/cgroup.procs", O_WRONLY).value();
  ASSERT_TRUE(WriteAll(procs.get(), absl::StrCat(child)).ok());
  EXPECT_THAT(cgroup_.Processes().value(), IsEmpty());
  EXPECT_THAT(cgroup_.ProcessesInTree().value(), ElementsAre(child));
}

TEST_F(CgroupTest, AChildThatCannotBeBornThere) {
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const absl::StatusOr<pid_t> child = Spawn(
      {"true"}, [] { return 0; }, null.get());
  EXPECT_TRUE(absl::IsUnavailable(child.status())) << child.status();
  EXPECT_TRUE(absl::IsNotFound(ReapAny().status()));
}

TEST_F(CgroupTest, F04_AProgramThatIsMissingIsReportedAsEver) {
  const absl::StatusOr<pid_t> child = Spawn(
      {"/none"}, [] { return 0; }, cgroup_.fd());
  EXPECT_TRUE(absl::IsNotFound(child.status())) << child.status();
  EXPECT_TRUE(absl::IsNotFound(ReapAny().status()));
}

TEST_F(CgroupTest, IsEnteredByTheCaller) {
  const Pipe entered = OpenPipe().value();
  const pid_t child =
      ForkWorker([&] {
        const bool ok = cgroup_.Enter().ok();
        if (ok) static_cast<void>(write(entered.writer.get(), "x", 1) < 0);
        pause();
      }).value();
  char byte;
  ASSERT_EQ(read(entered.reader.get(), &byte, 1), 1);
  EXPECT_THAT(cgroup_.Processes().value(), ElementsAre(child));
}

TEST_F(CgroupTest, IsEmptyWhenTheLastProcessHasDied) {
  EXPECT_TRUE(cgroup_.AwaitEmpty(MonotonicNow()).value());
  const pid_t child = StartInside();
  EXPECT_FALSE(cgroup_.AwaitEmpty(MonotonicNow()).value());
  kill(child, SIGKILL);
  EXPECT_TRUE(cgroup_.AwaitEmpty(Soon()).value());
  // It has not been reaped.
  EXPECT_THAT(cgroup_.Processes().value(), IsEmpty());
  EXPECT_TRUE(Reap(child).ok());
}

TEST_F(CgroupTest, F25_KillEndsWhatForksWithoutAPause) {
  constexpr int kGenerations = 100'000;
  ASSERT_TRUE(BecomeSubreaper().ok());
  const pid_t child = ForkWorker([&] {
                        if (!cgroup_.Enter().ok()) return;
                        for (int i = 0; i < kGenerations; ++i) {
                          if (fork() > 0) _exit(0);
                        }
                        pause();
                      }).value();
  ASSERT_TRUE(PidFd::Open(child)->AwaitDeath(Soon()).value());
  EXPECT_TRUE(cgroup_.Kill().ok());
  EXPECT_TRUE(cgroup_.AwaitEmpty(Soon()).value());
}

TEST_F(CgroupTest, IsNotRemovedWhileSomethingIsInIt) {
  StartInside();
  EXPECT_TRUE(absl::IsFailedPrecondition(RemoveCgroup(path_)));
  EXPECT_TRUE(absl::IsNotFound(RemoveCgroup(path_ + "/none")));
}

// Without the memory controller there is nothing to limit.
TEST_F(CgroupTest, MemoryIsLimitedOrItSaysSo) {
  const Cgroup parent = Cgroup::Open(OwnCgroup().value()).value();
  const absl::Status foreseen = parent.CheckMemoryBelow();
  const bool enabled = parent.EnableMemoryBelow().ok();
  EXPECT_EQ(foreseen.ok(), enabled) << foreseen;
  EXPECT_EQ(parent.CheckMemoryBelow().ok(), enabled);
  if (enabled) {
    EXPECT_TRUE(cgroup_.LimitMemory(int64_t{1} << 30).ok());
    EXPECT_NE(cgroup_.MemoryPeak(), std::nullopt);
  } else {
    EXPECT_TRUE(absl::IsNotFound(cgroup_.LimitMemory(int64_t{1} << 30)));
    EXPECT_EQ(cgroup_.MemoryPeak(), std::nullopt);
  }
}

}  // namespace
}  // namespace csa
