#include "common/base/json.h"

#include "gtest/gtest.h"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

TEST(FormatJson, IsOneLineInTheOrderGiven) {
  EXPECT_EQ(FormatJson(Json{{"b", "x\ny"}, {"a", 1}}),
            "{\"b\":\"x\\ny\",\"a\":1}");
}

TEST(FormatJson, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(FormatJson(Json("a\xFF")), "\"a\uFFFD\"");
}

TEST(OrNull, IsNullWhereThereIsNothing) {
  EXPECT_TRUE(OrNull("").is_null());
  EXPECT_EQ(OrNull("x"), "x");
  EXPECT_TRUE(OrNull(std::optional<int>()).is_null());
  EXPECT_EQ(OrNull(std::optional<int>(0)), 0);
}

}  // namespace
}  // namespace csa
