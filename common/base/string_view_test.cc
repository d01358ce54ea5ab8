#include "common/base/string_view.h"

#include <string>

#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(StringView, KeepsTheBytesAndWhereTheyAre) {
  const std::string text("a\0b\xFF", 4);
  const std::string_view standard = ToStd(text);
  EXPECT_EQ(standard.data(), text.data());
  EXPECT_EQ(standard.size(), 4);
  const absl::string_view back = ToAbsl(standard);
  EXPECT_EQ(back.data(), text.data());
  EXPECT_EQ(back.size(), 4);
}

TEST(StringView, KeepsNothingAsNothing) {
  EXPECT_TRUE(ToStd(absl::string_view()).empty());
  EXPECT_TRUE(ToAbsl(std::string_view()).empty());
}

}  // namespace
}  // namespace csa
