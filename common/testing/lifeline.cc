#include "common/testing/lifeline.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/os/clock.h"
#include "common/os/poll.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// So long that a machine under load does not fail the test.
constexpr absl::Duration kPatience = absl::Seconds(60);

}  // namespace

Lifeline::Lifeline(std::string path) : path_(std::move(path)) {
  for (const std::string& fifo : {path_, path_ + ".go"}) {
    EXPECT_EQ(mkfifo(fifo.c_str(), 0666), 0) << fifo;
    // Whoever is tested may be another user.
    EXPECT_EQ(chmod(fifo.c_str(), 0666), 0) << fifo;
  }
  reader_.Reset(open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_TRUE(reader_.valid()) << path_;
}

void Lifeline::AwaitReady(int count) {
  // While this is open, nobody is missed because another has ended before.
  const UniqueFd held(open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  const absl::Time deadline = MonotonicNow() + kPatience;
  while (count > 0) {
    const absl::StatusOr<bool> ready = AwaitReadable(reader_.get(), deadline);
    ASSERT_TRUE(ready.ok() && *ready) << count << " processes are not ready";
    std::array<char, 64> bytes;
    const size_t want = std::min<size_t>(static_cast<size_t>(count), 64);
    const ssize_t got = read(reader_.get(), bytes.data(), want);
    if (got > 0) count -= static_cast<int>(got);
  }
}

bool Lifeline::AwaitReadyUnlessDead(int count, const PidFd& process) {
  const UniqueFd held(open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  const absl::Time deadline = MonotonicNow() + kPatience;
  while (count > 0) {
    std::array<pollfd, 2> polled = {{
        {.fd = reader_.get(), .events = POLLIN, .revents = 0},
        {.fd = process.fd(), .events = POLLIN, .revents = 0},
    }};
    const absl::StatusOr<bool> event =
        PollUntil(absl::MakeSpan(polled), deadline);
    EXPECT_TRUE(event.ok() && *event) << count << " processes are not ready";
    if (!event.ok() || !*event) return false;
    if ((polled[0].revents & POLLIN) != 0) {
      char byte = 0;
      count -= static_cast<int>(read(reader_.get(), &byte, 1));
    } else {
      return false;
    }
  }
  return true;
}

void Lifeline::Release() {
  const UniqueFd gate(open((path_ + ".go").c_str(), O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(write(gate.get(), "x", 1), 1);
}

bool Lifeline::AllDead() {
  pollfd descriptor = {.fd = reader_.get(), .events = POLLIN, .revents = 0};
  const absl::StatusOr<bool> event =
      PollUntil(absl::MakeSpan(&descriptor, 1), absl::InfinitePast());
  return event.ok() && (descriptor.revents & POLLHUP) != 0;
}

void Lifeline::AwaitAllDead() {
  const absl::Time deadline = MonotonicNow() + kPatience;
  pollfd descriptor = {.fd = reader_.get(), .events = 0, .revents = 0};
  const absl::StatusOr<bool> event =
      PollUntil(absl::MakeSpan(&descriptor, 1), deadline);
  EXPECT_TRUE(event.ok() && *event) << "still alive: writers of " << path_;
}

}  // namespace csa
