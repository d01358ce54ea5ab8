#include "common/os/random.h"

#include <set>

#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(Random64, GivesOtherBitsEachTime) {
  // A pair alike among so few comes once in 10^15 runs.
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(Random64());
  EXPECT_EQ(seen.size(), 100);
}

TEST(Random64, UsesAllBits) {
  uint64_t ones = 0;
  uint64_t zeros = 0;
  for (int i = 0; i < 100; ++i) {
    const uint64_t bits = Random64();
    ones |= bits;
    zeros |= ~bits;
  }
  EXPECT_EQ(ones, ~uint64_t{0});
  EXPECT_EQ(zeros, ~uint64_t{0});
}

}  // namespace
}  // namespace csa
