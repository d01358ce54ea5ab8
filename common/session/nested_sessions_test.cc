#include "common/session/nested_sessions.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "common/os/file_lock.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

class NestedSessionsTest : public testing::Test {
 protected:
  NestedSessionsTest()
      : scratch_(testing::TempDir() + "nestedXXXXXX"),
        own_(MakeLocked("own")),
        nested_(IdentityOf(own_.get()).value()) {
    unsetenv("CSA_SESSION_DIR");
  }
  ~NestedSessionsTest() override {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      static_cast<void>(Reap(child));
    }
    std::filesystem::remove_all(scratch_);
  }

  // The test's own session directory, with the lock that the test holds.
  UniqueFd MakeLocked(const std::string& name) {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    UniqueFd lock = OpenLock(MakeDirectory(name));
    EXPECT_TRUE(LockForWriting(lock.get()).ok());
    return lock;
  }

  std::string MakeDirectory(const std::string& name) {
    std::string path = scratch_ + "/" + name;
    EXPECT_EQ(mkdir(path.c_str(), 0700), 0);
    return path;
  }

  static UniqueFd OpenLock(const std::string& directory) {
    return OpenAt(AT_FDCWD, directory + "/daemon.pid", O_RDWR | O_CREAT, 0600)
        .value();
  }

  // A process with `directory` as its CSA_SESSION_DIR, which holds the lock on
  // `lock` (unless that is -1).
  ProcessStat Start(const std::string& directory, int lock) {
    const pid_t test = getpid();
    const pid_t pid =
        Spawn({"sh", "-c", "read x; :"}, [&] {
          setenv("CSA_SESSION_DIR", directory.c_str(), 1);
          // A record lock outlives execve(2), if the descriptor does.
          if (lock >= 0 &&
              (!LockForWriting(lock).ok() || fcntl(lock, F_SETFD, 0) != 0)) {
            return EBUSY;
          }
          const int error = MoveTo(never_.reader.get(), STDIN_FILENO);
          return error != 0 ? error : DieWithParent(test);
        }).value();
    children_.push_back(pid);
    return ReadProcessStat(pid).value();
  }

  // Who holds the lock on the test's own daemon.pid, as another process sees
  // it: this one's pid or not.
  bool OwnLockIsHeld() {
    const std::string path = scratch_ + "/own/daemon.pid";
    const pid_t test = getpid();
    const pid_t prober = ForkWorker([&] {
                           const UniqueFd file =
                               OpenAt(AT_FDCWD, path, O_RDONLY).value();
                           const auto holder = WriteLockHolder(file.get());
                           _exit(holder.ok() && *holder == test ? 0 : 1);
                         }).value();
    return Reap(prober).value() == 0;
  }

  Pipe never_ = OpenPipe().value();  // nobody writes to it
  std::string scratch_;
  const UniqueFd own_;
  NestedSessions nested_;
  std::vector<pid_t> children_;
};

TEST_F(NestedSessionsTest, ASupervisorHoldsTheLockThatItNames) {
  const std::string directory = MakeDirectory("other");
  const UniqueFd lock = OpenLock(directory);
  EXPECT_TRUE(nested_.IsSupervisor(Start(directory, lock.get())));
}

TEST_F(NestedSessionsTest, TheVariableAloneProvesNothing) {
  const std::string directory = MakeDirectory("other");
  EXPECT_FALSE(nested_.IsSupervisor(Start(directory, -1))) << "no file";
  const UniqueFd lock = OpenLock(directory);
  EXPECT_FALSE(nested_.IsSupervisor(Start(directory, -1))) << "no lock";
  Start(directory, lock.get());
  EXPECT_FALSE(nested_.IsSupervisor(Start(directory, -1)))
      << "the lock of another process";
}

TEST_F(NestedSessionsTest, TheLockAloneProvesNothing) {
  const std::string directory = MakeDirectory("other");
  const UniqueFd lock = OpenLock(directory);
  const std::string elsewhere = MakeDirectory("elsewhere");
  EXPECT_FALSE(nested_.IsSupervisor(Start(elsewhere, lock.get())));
}

TEST_F(NestedSessionsTest, PathsThatAreNotAbsoluteAreNotLookedAt) {
  const std::string directory = MakeDirectory("other");
  const UniqueFd lock = OpenLock(directory);
  const std::string relative =
      std::filesystem::relative(directory, std::filesystem::current_path());
  EXPECT_FALSE(nested_.IsSupervisor(Start(relative, lock.get())));
}

TEST_F(NestedSessionsTest, ProcessesWithoutTheVariableAreNone) {
  EXPECT_FALSE(nested_.IsSupervisor(ReadProcessStat(getpid()).value()));
  EXPECT_FALSE(nested_.IsSupervisor({.pid = 0}));
}

TEST_F(NestedSessionsTest, OnceProvenItIsNotProvenAgain) {
  const std::string directory = MakeDirectory("other");
  const UniqueFd lock = OpenLock(directory);
  ProcessStat process = Start(directory, lock.get());
  EXPECT_TRUE(nested_.IsSupervisor(process));
  std::filesystem::remove_all(directory);
  EXPECT_TRUE(nested_.IsSupervisor(process));
  // Another process that has got the pid is another process.
  ++process.start_ticks;
  EXPECT_FALSE(nested_.IsSupervisor(process));
}

TEST_F(NestedSessionsTest, F15_TheOwnLockIsNotDroppedForAHint) {
  ASSERT_TRUE(OwnLockIsHeld());
  const std::string own = scratch_ + "/own";
  EXPECT_FALSE(nested_.IsSupervisor(Start(own, -1)));
  EXPECT_TRUE(OwnLockIsHeld());
  const std::string link = scratch_ + "/link";
  std::filesystem::create_directory_symlink(own, link);
  EXPECT_FALSE(nested_.IsSupervisor(Start(link, -1)));
  EXPECT_TRUE(OwnLockIsHeld());
  const std::string other = MakeDirectory("other");
  std::filesystem::create_hard_link(own + "/daemon.pid", other + "/daemon.pid");
  EXPECT_FALSE(nested_.IsSupervisor(Start(other, -1)));
  EXPECT_TRUE(OwnLockIsHeld());
}

TEST_F(NestedSessionsTest, ANamedPipeDoesNotBlock) {
  const std::string directory = MakeDirectory("other");
  ASSERT_EQ(mkfifo((directory + "/daemon.pid").c_str(), 0600), 0);
  EXPECT_FALSE(nested_.IsSupervisor(Start(directory, -1)));
}

}  // namespace
}  // namespace csa
