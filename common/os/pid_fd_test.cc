#include "common/os/pid_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "common/os/clock.h"
#include "common/os/process.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// A child that lives until it is killed.
pid_t StartChild() {
  return ForkWorker([] {
           while (true) pause();
         })
      .value();
}

// A child that ends at once, and is not reaped.
pid_t StartZombie() {
  return ForkWorker([] {}).value();
}

TEST(PidFd, RefusesWhatIsNoProcessId) {
  EXPECT_TRUE(absl::IsInvalidArgument(PidFd::Open(0).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(PidFd::Open(-1).status()));
}

TEST(PidFd, FindsNoProcessThatHasBeenReaped) {
  const pid_t pid = StartZombie();
  ASSERT_TRUE(Reap(pid).ok());
  EXPECT_TRUE(absl::IsNotFound(PidFd::Open(pid).status()));
}

TEST(PidFd, IsClosedOnExec) {
  const absl::StatusOr<PidFd> self = PidFd::Open(getpid());
  ASSERT_TRUE(self.ok()) << self.status();
  EXPECT_EQ(fcntl(self->fd(), F_GETFD), FD_CLOEXEC);
}

TEST(PidFd, TellsTheLivingFromTheDead) {
  const pid_t pid = StartChild();
  const absl::StatusOr<PidFd> child = PidFd::Open(pid);
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_FALSE(child->AwaitDeath(absl::InfinitePast()).value());
  EXPECT_FALSE(
      child->AwaitDeath(MonotonicNow() + absl::Milliseconds(5)).value());
  EXPECT_TRUE(child->Signal(SIGKILL).ok());
  EXPECT_TRUE(child->AwaitDeath(absl::InfiniteFuture()).value());
  ASSERT_TRUE(Reap(pid).ok());
  EXPECT_TRUE(child->AwaitDeath(absl::InfinitePast()).value());
}

TEST(PidFd, F19_AZombieIsDead) {
  const pid_t pid = StartZombie();
  const absl::StatusOr<PidFd> child = PidFd::Open(pid);
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_TRUE(child->AwaitDeath(absl::InfiniteFuture()).value());
  EXPECT_TRUE(child->Signal(SIGTERM).ok()) << "has no effect, and is no error";
  ASSERT_TRUE(Reap(pid).ok());
}

TEST(PidFd, F24_SignalsNobodyOnceTheProcessHasBeenReaped) {
  const pid_t pid = StartZombie();
  const absl::StatusOr<PidFd> child = PidFd::Open(pid);
  ASSERT_TRUE(child.ok()) << child.status();
  ASSERT_TRUE(Reap(pid).ok());
  EXPECT_TRUE(absl::IsNotFound(child->Signal(SIGTERM)));
}

}  // namespace
}  // namespace csa
