#include "common/base/toml.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string TextAt(absl::string_view toml, absl::string_view key) {
  const absl::StatusOr<toml::table> table = ParseToml(toml);
  EXPECT_TRUE(table.ok()) << table.status();
  if (!table.ok()) return "";
  return (*table)[std::string_view(key.data(), key.size())].value_or(
      std::string("none"));
}

void ExpectMalformed(absl::string_view toml, int line,
                     absl::string_view fault) {
  const absl::Status status = ParseToml(toml).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              StartsWith(absl::StrCat("line ", line, ": ")));
  EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(fault)));
}

TEST(ParseToml, ReadsTextsOfEveryKind) {
  EXPECT_EQ(TextAt("a = \"\xC3\xA9 \\\" # [\"\n[t]\n", "a"), "\xC3\xA9 \" # [");
  EXPECT_EQ(TextAt("a = '\xC3\xA9 \\' # \xC3\xA9\n", "a"), "\xC3\xA9 \\");
  EXPECT_EQ(TextAt("a = \"\"\"\n\xC3\xA9\"\n[\"\"\"\"\"\n", "a"),
            "\xC3\xA9\"\n[\"\"");
  EXPECT_EQ(TextAt("a = '''\n\xC3\xA9'\n[=''''\n", "a"), "\xC3\xA9'\n[='");
  EXPECT_EQ(TextAt("a = \"\" # \xC3\xA9\nb = ''\n", "b"), "");
}

TEST(ParseToml, ReadsTablesAndListsOfEveryKind) {
  for (const absl::string_view toml :
       {"", "\n", "[t]", "  [ t ]\n", "[[ t ]]\n", "['t']", "[\"\xC3\xA9\"]",
        "1.\"\xC3\xA9\".'b' = 1", "[1.\"\xC3\xA9\"]",
        "a = {1.\"\xC3\xA9\" = 2, 'b' = 3}",
        "a = [1,\"\xC3\xA9\",2]\n'b' = 1\n'c'=1", "a = [{b='\xC3\xA9'},{},'b']",
        "a = 1979-05-27 07:32:00Z\nb = [-1.5e3,+inf]", "[-]",
        "a = [\n[1],\n [ [] ],\n[{}]]\n[t]\n", "a = {b = [1]}\n[t]"}) {
    EXPECT_TRUE(ParseToml(toml).ok()) << toml << ParseToml(toml).status();
  }
}

TEST(ParseToml, TellsTheLineOfAFault) {
  ExpectMalformed("a = 1\nb = \n", 2, "");
  ExpectMalformed("a = '''\n\n'''\n\xC3\xA9", 4, "ASCII");
  ExpectMalformed("a = \"x\n\xC3\xA9", 2, "ASCII");
}

// On each of these toml++ alone would fail an assertion.
TEST(ParseToml, F12_RefusesWhatTomlPlusPlusDoesNotSurvive) {
  for (const absl::string_view toml :
       {"[", "[[", "[\n", "[=", "[[[a]]]", " [ [a]]", "[.a]", "a = 1\n[#"}) {
    ExpectMalformed(toml, absl::StrContains(toml, "1\n") ? 2 : 1,
                    "a table must have a name");
  }
  for (const absl::string_view toml :
       {"a = [}", "a = [1, }", "a = [[] , }]", "a = {b = [ }}", "a = [{}, }"}) {
    ExpectMalformed(toml, 1, "'}' stands in a list");
  }
  for (const absl::string_view toml :
       {"a = 1\"\xCF\x9B\"", "a = 1.'\xCF\x9B'", "a = 1=\"\xCF\x9B\"",
        "a = [1, 1[\"\xCF\x9B\"]]", "a = {b = 1{\"\xCF\x9B\" = 1}}",
        "a = {b = 1, c = 1\"\xCF\x9B\"}", "a = [{b = 1}, 1\"\xCF\x9B\"]"}) {
    ExpectMalformed(toml, 1, "a value ends before");
  }
  for (const absl::string_view toml : {"a = }", "a = ]", "}", "]", "a = {b = }",
                                       "a = {]}", "a = 1 }", "a = [1 {}]"}) {
    ExpectMalformed(toml, 1, "");
  }
  for (const absl::string_view toml :
       {"\xC3\xA9 = 1", "[a.\xC3\xA9]", "a = \xC3\xA9", "a\xC2\xA0 = 1",
        "a = 1 \xFF",
        "\xEF\xBB\xBF"
        "a = 1"}) {
    ExpectMalformed(toml, 1, "ASCII");
  }
}

TEST(ParseToml, F12_RefusesKeysWhoseTablesWouldOverflowTheStack) {
  const auto key = [](size_t parts) {
    return absl::StrJoin(std::vector<std::string>(parts, "a"), ".");
  };
  for (const absl::string_view format :
       {"$0 = 1", "[$0]", "[[$0]]", "x = {$0 = 1}"}) {
    for (const size_t parts : {33, 500'000}) {
      ExpectMalformed(absl::Substitute(format, key(parts)), 1,
                      "a key has too many parts");
    }
    EXPECT_TRUE(ParseToml(absl::Substitute(format, key(32))).ok()) << format;
  }
  const std::string numbers =
      absl::StrJoin(std::vector<std::string>(100, "1.5"), ",");
  EXPECT_TRUE(ParseToml(absl::StrCat("a = [", numbers, "]")).ok());
  EXPECT_TRUE(ParseToml("a = '" + key(100) + "' # " + key(100)).ok());
}

TEST(QuoteToml, IsReadAsTheSame) {
  EXPECT_EQ(QuoteToml("plain"), R"("plain")");
  EXPECT_EQ(QuoteToml(R"("\)"), R"("\"\\")");
  EXPECT_EQ(QuoteToml("\n\x1B\x7F\xC2\x9B"), R"("\u000A\u001B\u007F\u009B")");
  for (const absl::string_view text :
       {"", "#", "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "\xC2\xA0", "\t\r\n",
        R"(""" \u0041)"}) {
    EXPECT_EQ(TextAt(absl::StrCat("a = ", QuoteToml(text)), "a"), text);
  }
}

}  // namespace
}  // namespace csa
