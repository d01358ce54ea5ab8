#include "common/cli/nearest.h"

#include "gtest/gtest.h"

namespace csa {
namespace {

const std::vector<std::string>& Words() {
  static const std::vector<std::string> words = {"--timeout", "--tool",
                                                 "--model", "--cd"};
  return words;
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(Nearest("--timeot", Words()), "--timeout");    // one left out
  EXPECT_EQ(Nearest("--timmeout", Words()), "--timeout");  // one too many
  EXPECT_EQ(Nearest("--temeout", Words()), "--timeout");   // another one
  EXPECT_EQ(Nearest("--tiemout", Words()), "--timeout");   // two changed places
  EXPECT_EQ(Nearest("--tools", Words()), "--tool");
  EXPECT_EQ(Nearest("--model", Words()), "--model");
}

TEST(Nearest, TakesASwapOfNeighboursForOne) {
  EXPECT_EQ(Nearest("cta", {"cat"}), "cat");
  EXPECT_EQ(Nearest("tca", {"cat"}), "") << "two";
}

TEST(Nearest, FindsNoneThatIsTooFar) {
  EXPECT_EQ(Nearest("--verbose", Words()), "");
  EXPECT_EQ(Nearest("", Words()), "");
  EXPECT_EQ(Nearest("x", {}), "");
  EXPECT_EQ(Nearest("x", {"a", "", "x1"}), "");
}

TEST(Nearest, AllowsAThirdOfTheLength) {
  EXPECT_EQ(Nearest("abcdXX", {"abcdef"}), "abcdef");
  EXPECT_EQ(Nearest("abcXXX", {"abcdef"}), "");
  EXPECT_EQ(Nearest("aX", {"ab"}), "");
}

TEST(Nearest, TakesTheFirstOfThoseAsNear) {
  EXPECT_EQ(Nearest("cat", {"car", "cab"}), "car");
  EXPECT_EQ(Nearest("cat", {"car", "cat"}), "cat");
}

TEST(Suggestion, NamesTheNearestAndAll) {
  EXPECT_EQ(Suggestion("sprng", "seasons", {"spring", "autumn"}),
            "; did you mean spring? the seasons are spring, autumn");
  EXPECT_EQ(Suggestion("x", "seasons", {"spring", "autumn"}),
            "; the seasons are spring, autumn");
}

}  // namespace
}  // namespace csa
