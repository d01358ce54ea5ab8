#include "common/cli/directive.h"

#include "gtest/gtest.h"

namespace csa {
namespace {

// How a value stands in a directive.
std::string Value(const std::string& value) {
  const std::string line = FormatDirective("NAME", {{"k", value}});
  const absl::string_view begin = "<!-- CSA:NAME k=";
  const absl::string_view end = " -->";
  EXPECT_EQ(line.substr(0, begin.size()), begin);
  EXPECT_EQ(line.substr(line.size() - end.size()), end);
  return line.substr(begin.size(), line.size() - begin.size() - end.size());
}

TEST(FormatDirective, HasItsValuesInOrder) {
  EXPECT_EQ(FormatDirective("SESSION_STARTED",
                            {{"pid", "42"}, {"id", "01J"}, {"dir", "/a b"}}),
            "<!-- CSA:SESSION_STARTED pid=42 id=01J dir=\"/a b\" -->");
}

TEST(FormatDirective, MayHaveNone) {
  EXPECT_EQ(FormatDirective("NAME", {}), "<!-- CSA:NAME -->");
}

TEST(FormatDirective, LeavesPlainValuesBare) {
  EXPECT_EQ(Value("idle_timeout"), "idle_timeout");
  EXPECT_EQ(Value("250s"), "250s");
  EXPECT_EQ(Value("1.5:x-Y"), "1.5:x-Y");
}

TEST(FormatDirective, QuotesOthers) {
  EXPECT_EQ(Value(""), "\"\"");
  EXPECT_EQ(Value("two words"), "\"two words\"");
  EXPECT_EQ(Value("/path"), "\"/path\"");
  EXPECT_EQ(Value("a=b"), "\"a=b\"");
  EXPECT_EQ(Value("\xC3\xA4"), "\"\xC3\xA4\"");
}

TEST(FormatDirective, EscapesWhatWouldEndItOrAValue) {
  EXPECT_EQ(Value("a\"b"), "\"a\\x22b\"");
  EXPECT_EQ(Value("a\\b"), "\"a\\x5Cb\"");
  EXPECT_EQ(Value("x --> y"), "\"x --\\x3E y\"");
}

TEST(FormatDirective, IsOneLineOfUtf8) {
  EXPECT_EQ(Value("a\nb\rc\td"), "\"a\\x0Ab\\x0Dc\\x09d\"");
  EXPECT_EQ(Value(std::string("\0\x1B\x7F", 3)), "\"\\x00\\x1B\\x7F\"");
  EXPECT_EQ(Value("\xFF\xC3"), "\"\\xFF\\xC3\"");
  EXPECT_EQ(Value("\xE2\x82\xC3\xA4"), "\"\\xE2\\x82\xC3\xA4\"");
}

}  // namespace
}  // namespace csa
