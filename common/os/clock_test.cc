#include "common/os/clock.h"

#include <ctime>

#include "gtest/gtest.h"

namespace csa {
namespace {

absl::Time KernelNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::TimeFromTimespec(now);
}

TEST(MonotonicNow, F20_IsTheKernelsMonotonicClock) {
  const absl::Time before = KernelNow();
  const absl::Time now = MonotonicNow();
  const absl::Time after = KernelNow();
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

}  // namespace
}  // namespace csa
