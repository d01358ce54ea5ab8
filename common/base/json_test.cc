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

TEST(ParseJson, ReadsWhatSaysEachThingOnce) {
  EXPECT_EQ(ParseJson(R"({"a": {"b": 1}, "b": [{"b": 2}, {"b": 3}]})").value(),
            (nlohmann::json{
                {"a", {{"b", 1}}},
                {"b", {nlohmann::json{{"b", 2}}, nlohmann::json{{"b", 3}}}}}));
  for (const char* text : {"", "{", "{} {}", "{'a': 1}", "\xff"}) {
    EXPECT_EQ(ParseJson(text).status().message(), "it is no JSON") << text;
  }
  for (const char* text :
       {R"({"a": 1, "a": 1})", R"([{"x": {"a": 1, "a": 2}}])"}) {
    EXPECT_EQ(ParseJson(text).status().message(),
              "it contradicts itself: a key stands twice")
        << text;
  }
  // Deep ones too.
  EXPECT_TRUE(
      ParseJson(std::string(100'000, '[') + std::string(100'000, ']')).ok());
}

TEST(TextAt, IsAText) {
  const nlohmann::json object = {{"a", "x"}, {"b", 1}};
  EXPECT_EQ(TextAt(object, "a").value(), "x");
  for (const char* key : {"b", "c"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(TextAt(object, key).status())) << key;
  }
}

}  // namespace
}  // namespace csa
