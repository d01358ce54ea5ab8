// The clock that deadlines are measured on.

#ifndef CSA_COMMON_OS_CLOCK_H_
#define CSA_COMMON_OS_CLOCK_H_

#include "absl/time/time.h"

namespace csa {

// CLOCK_MONOTONIC as an absl::Time whose zero is the start of the machine. Only
// for deadlines, which nobody who sets the wall clock can move; never shown to
// a user. absl::Now() is for show.
absl::Time MonotonicNow();

}  // namespace csa

#endif  // CSA_COMMON_OS_CLOCK_H_
