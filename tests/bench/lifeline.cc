#include "tests/bench/lifeline.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "tests/bench/die.h"

namespace csa::bench {
namespace {

constexpr int kLongestWaitMs = 30'000;

}  // namespace

Lifeline::Lifeline(std::string path) : path_(std::move(path)) {
  Must(mkfifo(path_.c_str(), 0600), "make " + path_);
  reader_ = Must(open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC),
                 "open " + path_);
}

Lifeline::Lifeline(Lifeline&& other) noexcept
    : path_(std::move(other.path_)),
      reader_(std::exchange(other.reader_, -1)) {}

Lifeline::~Lifeline() {
  if (reader_ < 0) return;
  close(reader_);
  unlink(path_.c_str());
}

void Lifeline::AwaitReady(int count) const {
  // Each has written a byte.
  while (count > 0) {
    pollfd descriptor = {.fd = reader_, .events = POLLIN, .revents = 0};
    if (poll(&descriptor, 1, kLongestWaitMs) != 1) {
      Die("no hostile process at " + path_);
    }
    std::array<char, 16> bytes;
    const ssize_t got = read(reader_, bytes.data(), bytes.size());
    if (got > 0) count -= static_cast<int>(got);
  }
}

bool Lifeline::AllDead() const {
  // A FIFO hangs up when nobody has it open for writing.
  pollfd descriptor = {.fd = reader_, .events = POLLIN, .revents = 0};
  poll(&descriptor, 1, 0);
  return (descriptor.revents & POLLHUP) != 0;
}

}  // namespace csa::bench
