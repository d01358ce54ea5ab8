#include "common/os/poll.h"

#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "common/os/clock.h"
#include "common/os/process.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

constexpr absl::Duration kShort = absl::Milliseconds(30);

void WriteByte(int fd) { ASSERT_EQ(write(fd, "x", 1), 1); }

TEST(PollUntil, OnlyLooksWhenTheDeadlineHasPassed) {
  const Pipe pipe = OpenPipe().value();
  EXPECT_FALSE(AwaitReadable(pipe.reader.get(), absl::InfinitePast()).value());
  EXPECT_FALSE(AwaitReadable(pipe.reader.get(), MonotonicNow()).value());
  WriteByte(pipe.writer.get());
  EXPECT_TRUE(AwaitReadable(pipe.reader.get(), absl::InfinitePast()).value());
}

TEST(PollUntil, ReturnsAtAnEventLongBeforeTheDeadline) {
  const Pipe pipe = OpenPipe().value();
  WriteByte(pipe.writer.get());
  EXPECT_TRUE(AwaitReadable(pipe.reader.get(), absl::InfiniteFuture()).value());
  const absl::Time year = MonotonicNow() + absl::Hours(24 * 365);
  EXPECT_TRUE(AwaitReadable(pipe.reader.get(), year).value());
}

TEST(PollUntil, DoesNotReturnBeforeTheDeadline) {
  const Pipe pipe = OpenPipe().value();
  const absl::Time deadline = MonotonicNow() + kShort;
  EXPECT_FALSE(AwaitReadable(pipe.reader.get(), deadline).value());
  EXPECT_GE(MonotonicNow(), deadline);
}

TEST(PollUntil, GoesOnAfterASignal) {
  // A handler that does not restart system calls, every 5 ms.
  static volatile std::sig_atomic_t signals = 0;
  signals = 0;
  struct sigaction action = {};
  struct sigaction before = {};
  action.sa_handler = [](int) { signals = signals + 1; };
  ASSERT_EQ(sigaction(SIGALRM, &action, &before), 0);
  const itimerval often = {.it_interval = {.tv_sec = 0, .tv_usec = 5000},
                           .it_value = {.tv_sec = 0, .tv_usec = 5000}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &often, nullptr), 0);

  const Pipe pipe = OpenPipe().value();
  const absl::Time deadline = MonotonicNow() + kShort;
  const absl::StatusOr<bool> ready = AwaitReadable(pipe.reader.get(), deadline);
  const absl::Time end = MonotonicNow();

  const itimerval never = {};
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  ASSERT_TRUE(ready.ok()) << ready.status();
  EXPECT_FALSE(*ready);
  EXPECT_GE(end, deadline);
  EXPECT_GT(signals, 0);
}

TEST(PollUntil, TellsWhichDescriptorsHaveAnEvent) {
  const Pipe quiet = OpenPipe().value();
  const Pipe ready = OpenPipe().value();
  WriteByte(ready.writer.get());
  std::array<pollfd, 2> descriptors = {{
      {.fd = quiet.reader.get(), .events = POLLIN, .revents = 0},
      {.fd = ready.reader.get(), .events = POLLIN, .revents = 0},
  }};
  EXPECT_TRUE(
      PollUntil(absl::MakeSpan(descriptors), absl::InfiniteFuture()).value());
  EXPECT_EQ(descriptors[0].revents, 0);
  EXPECT_EQ(descriptors[1].revents, POLLIN);
}

TEST(AwaitReadable, TakesAHangUpForReadable) {
  Pipe pipe = OpenPipe().value();
  pipe.writer.Reset();
  EXPECT_TRUE(AwaitReadable(pipe.reader.get(), absl::InfiniteFuture()).value());
}

}  // namespace
}  // namespace csa
