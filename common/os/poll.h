// Waiting for descriptors with an absolute deadline.

#ifndef CSA_COMMON_OS_POLL_H_
#define CSA_COMMON_OS_POLL_H_

#include <poll.h>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace csa {

// Blocks until one of `descriptors` has an event (their `revents` tell which)
// or MonotonicNow() reaches `deadline`; absl::InfiniteFuture() never does, one
// in the past only looks. Returns whether there was an event. ppoll(2), started
// again with the time that is left when a signal interrupts it.
absl::StatusOr<bool> PollUntil(absl::Span<pollfd> descriptors,
                               absl::Time deadline);

// The same for one descriptor becoming readable (or hung up).
absl::StatusOr<bool> AwaitReadable(int fd, absl::Time deadline);

}  // namespace csa

#endif  // CSA_COMMON_OS_POLL_H_
