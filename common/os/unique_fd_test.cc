#include "common/os/unique_fd.h"

#include <fcntl.h>

#include <type_traits>
#include <utility>

#include "gtest/gtest.h"

namespace csa {
namespace {

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

UniqueFd OpenNull() { return UniqueFd(open("/dev/null", O_RDWR | O_CLOEXEC)); }

static_assert(!std::is_copy_constructible_v<UniqueFd>);
static_assert(!std::is_copy_assignable_v<UniqueFd>);

TEST(UniqueFd, IsEmptyAtFirst) {
  const UniqueFd fd;
  EXPECT_FALSE(fd.valid());
  EXPECT_EQ(fd.get(), -1);
}

TEST(UniqueFd, ClosesWhatItOwns) {
  int number = -1;
  {
    const UniqueFd fd = OpenNull();
    number = fd.get();
    ASSERT_TRUE(IsOpen(number));
  }
  EXPECT_FALSE(IsOpen(number));
}

TEST(UniqueFd, MovesOwnership) {
  UniqueFd from = OpenNull();
  const int number = from.get();
  const UniqueFd to = std::move(from);
  EXPECT_EQ(to.get(), number);
  EXPECT_TRUE(IsOpen(number));
  EXPECT_FALSE(from.valid());  // NOLINT
}

TEST(UniqueFd, ClosesTheOldOneWhenAssigned) {
  UniqueFd to = OpenNull();
  UniqueFd from = OpenNull();
  const int old_number = to.get();
  const int number = from.get();
  to = std::move(from);
  EXPECT_EQ(to.get(), number);
  EXPECT_FALSE(IsOpen(old_number));
  EXPECT_TRUE(IsOpen(number));
}

TEST(UniqueFd, SurvivesAssignmentToItself) {
  UniqueFd fd = OpenNull();
  UniqueFd& same = fd;
  fd = std::move(same);
  EXPECT_TRUE(IsOpen(fd.get()));
}

TEST(UniqueFd, ReleaseGivesTheDescriptorUp) {
  UniqueFd fd = OpenNull();
  const UniqueFd owner(fd.Release());
  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(IsOpen(owner.get()));
}

TEST(UniqueFd, ResetClosesAndTakes) {
  UniqueFd fd = OpenNull();
  const int old_number = fd.get();
  const int number = OpenNull().Release();
  fd.Reset(number);
  EXPECT_FALSE(IsOpen(old_number));
  EXPECT_EQ(fd.get(), number);
  fd.Reset();
  EXPECT_FALSE(IsOpen(number));
  EXPECT_FALSE(fd.valid());
}

}  // namespace
}  // namespace csa
