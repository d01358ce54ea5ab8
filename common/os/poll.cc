#include "common/os/poll.h"

#include <algorithm>
#include <ctime>

#include "common/os/clock.h"
#include "common/os/errno_status.h"

namespace csa {

absl::StatusOr<bool> PollUntil(absl::Span<pollfd> descriptors,
                               absl::Time deadline) {
  while (true) {
    timespec timeout;
    const bool bounded = deadline != absl::InfiniteFuture();
    if (bounded) {
      timeout = absl::ToTimespec(
          std::max(deadline - MonotonicNow(), absl::ZeroDuration()));
    }
    const int ready = ppoll(descriptors.data(), descriptors.size(),
                            bounded ? &timeout : nullptr, nullptr);
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) return ErrnoStatus("poll");
  }
}

absl::StatusOr<bool> AwaitReadable(int fd, absl::Time deadline) {
  pollfd descriptor = {.fd = fd, .events = POLLIN, .revents = 0};
  return PollUntil(absl::MakeSpan(&descriptor, 1), deadline);
}

}  // namespace csa
