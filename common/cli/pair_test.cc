#include "common/cli/pair.h"

#include "gtest/gtest.h"

namespace csa {
namespace {

using Pair = std::pair<std::string, std::string>;

TEST(ParsePair, EndsTheKeyAtTheFirstEqualsSign) {
  EXPECT_EQ(ParsePair("--env", "K=V").value(), Pair("K", "V"));
  EXPECT_EQ(ParsePair("--env", "K=").value(), Pair("K", ""));
  EXPECT_EQ(ParsePair("--env", "K=a=b c").value(), Pair("K", "a=b c"));
}

TEST(ParsePair, RefusesWhatIsNone) {
  for (const char* text : {"", "K", "=V", "="}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParsePair("--env", text).status()))
        << text;
  }
  EXPECT_EQ(ParsePair("--label", "a\nb").status().message(),
            "--label takes K=V, not 'a\\nb'");
}

}  // namespace
}  // namespace csa
