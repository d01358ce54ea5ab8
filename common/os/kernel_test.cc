#include "common/os/kernel.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

// That a call is missing is seen in tests/kernel_test.cc.

namespace csa {
namespace {

using ::testing::MatchesRegex;

TEST(KernelRelease, IsNameAndNumber) {
  EXPECT_THAT(KernelRelease(), MatchesRegex("Linux [0-9]+[.][0-9]+.*"));
}

TEST(CheckCloseRange, ClosesNothing) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const int highest = static_cast<int>(limit.rlim_cur) - 1;
  ASSERT_EQ(dup2(STDERR_FILENO, highest), highest);
  EXPECT_TRUE(CheckCloseRange().ok()) << CheckCloseRange();
  EXPECT_EQ(close(highest), 0);
  EXPECT_GE(fcntl(STDERR_FILENO, F_GETFD), 0);
}

TEST(CheckRenameNoReplace, IsThere) {
  EXPECT_TRUE(CheckRenameNoReplace().ok()) << CheckRenameNoReplace();
}

}  // namespace
}  // namespace csa
