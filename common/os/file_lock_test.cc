#include "common/os/file_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "absl/functional/function_ref.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/process.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// Another process: calls `prepare`, and then lives until this object goes.
class Other {
 public:
  explicit Other(absl::FunctionRef<void()> prepare) {
    const Pipe ready = OpenPipe().value();
    pid_ = ForkWorker([&] {
             prepare();
             if (write(ready.writer.get(), "x", 1) < 0) _exit(1);
             while (true) pause();
           }).value();
    char byte = 0;
    EXPECT_EQ(read(ready.reader.get(), &byte, 1), 1);
  }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  ~Other() { End(); }

  pid_t pid() const { return pid_; }

  void End() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    EXPECT_TRUE(Reap(pid_).ok());
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

// Runs `body` in a child, whose failed expectations fail the test.
void InChild(absl::FunctionRef<void()> body) {
  const absl::StatusOr<pid_t> child = ForkWorker([&] {
    body();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  });
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(Reap(*child).value(), 0);
}

class FileLockTest : public testing::Test {
 protected:
  void SetUp() override {
    WriteFile(scratch_.PathOf("lock"), "");
    reader_ = Open(O_RDONLY);
    writer_ = Open(O_WRONLY);
  }

  UniqueFd Open(int flags) const {
    return OpenAt(AT_FDCWD, scratch_.PathOf("lock"), flags).value();
  }

  std::optional<pid_t> Holder() const {
    return WriteLockHolder(reader_.get()).value();
  }

  // Takes the lock, in a child.
  void Lock() const { EXPECT_TRUE(LockForWriting(writer_.get()).ok()); }

  ScratchDirectory scratch_;
  UniqueFd reader_;
  UniqueFd writer_;
};

TEST_F(FileLockTest, IsFreeAtFirst) { EXPECT_EQ(Holder(), std::nullopt); }

TEST_F(FileLockTest, NamesTheHolder) {
  const Other holder([&] { Lock(); });
  EXPECT_EQ(Holder(), holder.pid());
}

TEST_F(FileLockTest, F15_GoesWithTheHolder) {
  Other holder([&] { Lock(); });
  ASSERT_EQ(Holder(), holder.pid());
  holder.End();
  EXPECT_EQ(Holder(), std::nullopt);
}

TEST_F(FileLockTest, HasOneHolder) {
  const Other holder([&] { Lock(); });
  EXPECT_TRUE(absl::IsFailedPrecondition(LockForWriting(writer_.get())));
}

TEST_F(FileLockTest, MayBeTakenTwiceByItsHolder) {
  EXPECT_TRUE(LockForWriting(writer_.get()).ok());
  EXPECT_TRUE(LockForWriting(writer_.get()).ok());
}

TEST_F(FileLockTest, NeedsADescriptorOpenForWriting) {
  EXPECT_FALSE(LockForWriting(reader_.get()).ok());
}

TEST_F(FileLockTest, DoesNotReportTheCallersOwnLock) {
  Lock();
  EXPECT_EQ(Holder(), std::nullopt);
}

TEST_F(FileLockTest, IsNotInherited) {
  Lock();
  const pid_t parent = getpid();
  InChild([&] {
    EXPECT_EQ(Holder(), parent);
    EXPECT_TRUE(absl::IsFailedPrecondition(LockForWriting(writer_.get())));
  });
  InChild([&] { EXPECT_EQ(Holder(), parent) << "a child's end changes it"; });
}

TEST_F(FileLockTest, GoesWhenTheHolderClosesAnyDescriptorOfTheFile) {
  Lock();
  Open(O_RDONLY).Reset();
  InChild([&] { EXPECT_EQ(Holder(), std::nullopt); });
}

TEST_F(FileLockTest, F16_DoesNotNameAWaiterAsHolder) {
  const Other waiter([&] { EXPECT_TRUE(AwaitUnlocked(reader_.get()).ok()); });
  // There is a read lock now, which a probe of the other type would name.
  ASSERT_TRUE(absl::IsFailedPrecondition(LockForWriting(writer_.get())));
  EXPECT_EQ(Holder(), std::nullopt);
}

TEST_F(FileLockTest, F16_WaitersDoNotExcludeEachOther) {
  const Other waiter([&] { EXPECT_TRUE(AwaitUnlocked(reader_.get()).ok()); });
  EXPECT_TRUE(AwaitUnlocked(reader_.get()).ok());
}

TEST_F(FileLockTest, AwaitUnlockedBlocksUntilTheHolderIsGone) {
  Other holder([&] { Lock(); });
  const PidFd holder_fd = PidFd::Open(holder.pid()).value();
  const Pipe ready = OpenPipe().value();
  const pid_t waiter =
      ForkWorker([&] {
        if (write(ready.writer.get(), "x", 1) < 0) _exit(1);
        const bool waited = AwaitUnlocked(reader_.get()).ok();
        // By then the holder has ended, if not been reaped.
        const bool ended =
            holder_fd.AwaitDeath(absl::InfinitePast()).value_or(false) ||
            !WriteLockHolder(reader_.get())->has_value();
        _exit(waited && ended ? 0 : 1);
      }).value();
  char byte = 0;
  ASSERT_EQ(read(ready.reader.get(), &byte, 1), 1);
  const PidFd waiter_fd = PidFd::Open(waiter).value();
  EXPECT_FALSE(waiter_fd.AwaitDeath(absl::InfinitePast()).value());
  holder.End();
  EXPECT_EQ(Reap(waiter).value(), 0);
}

TEST(CheckLocks, LeavesNothing) {
  const ScratchDirectory scratch;
  const absl::Status checked = CheckLocks(scratch.path());
  EXPECT_TRUE(checked.ok() || absl::IsUnimplemented(checked)) << checked;
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
  EXPECT_TRUE(absl::IsNotFound(CheckLocks(scratch.PathOf("none"))));
}

// What has no files without a name cannot be tried.
TEST(CheckLocks, SaysWhereItCannotTell) {
  EXPECT_TRUE(absl::IsUnimplemented(CheckLocks("/proc")))
      << CheckLocks("/proc");
}

}  // namespace
}  // namespace csa
