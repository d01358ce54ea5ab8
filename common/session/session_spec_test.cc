#include "common/session/session_spec.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SessionSpec Small() {
  return {
      .id = "01ARYZ6S41TSV4RRFFQ69G5FAV",
      .created_at = absl::FromUnixMillis(1772352930250),
      .argv = {"true"},
      .project = "/home/user/project",
  };
}

SessionSpec Large() {
  SessionSpec spec = Small();
  spec.argv = {"sh", "", "--", "a b\n\"c\"\\", "\x7f\x01", "grün ✓", "{\"}"};
  spec.project = "";
  spec.description = "two\nlines";
  spec.tool = "codex";
  spec.model = "gpt-5 \"mini\"";
  spec.access = "read-only";
  spec.conversation = "ses_1";
  spec.continues = "01ARYZ6S41TSV4RRFFQ69G5FAX";
  spec.parent = "01ARYZ6S41TSV4RRFFQ69G5FAW";
  spec.depth = 5;
  spec.timeout = absl::Milliseconds(1500);
  spec.idle_timeout = absl::Hours(36) + absl::Milliseconds(1);
  spec.labels = {{"", "empty"}, {"key", ""}, {"kéy", "välue\t"}};
  spec.input = CommandInput::kPrompt;
  spec.ends_nested = true;
  return spec;
}

// The text of Small() with one member set to `value`, or without it.
std::string With(const std::string& key, const nlohmann::json& value) {
  auto json = nlohmann::json::parse(FormatSessionSpec(Small()));
  json[key] = value;
  return json.dump();
}
std::string Without(const std::string& key) {
  auto json = nlohmann::json::parse(FormatSessionSpec(Small()));
  json.erase(key);
  return json.dump();
}

TEST(SessionSpec, ParsesWhatItFormats) {
  for (const SessionSpec& spec : {Small(), Large()}) {
    const std::string text = FormatSessionSpec(spec);
    const absl::StatusOr<SessionSpec> parsed = ParseSessionSpec(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, spec);
    EXPECT_EQ(FormatSessionSpec(*parsed), text);
  }
}

TEST(SessionSpec, IsOneLine) {
  const std::string text = FormatSessionSpec(Large());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(SessionSpec, F08_ReplacesInvalidUtf8) {
  SessionSpec spec = Small();
  spec.argv = {
      "a\xff"
      "b",
      "\xc3"};
  spec.project = "/tmp/\xfe";
  const absl::StatusOr<SessionSpec> parsed =
      ParseSessionSpec(FormatSessionSpec(spec));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->argv, ElementsAre("a\uFFFDb", "\uFFFD"));
  EXPECT_EQ(parsed->project, "/tmp/\uFFFD");
}

TEST(SessionSpec, IgnoresUnknownKeys) {
  const std::string text = With("colour", {{"red", 1}});
  EXPECT_EQ(ParseSessionSpec(text).value(), Small());
}

// What earlier versions did not write.
constexpr std::array<const char*, 4> kOptionalKeys = {
    "access", "conversation", "continues", "ends_nested"};

TEST(SessionSpec, NeedsNotWhatEarlierVersionsDidNotWrite) {
  for (const char* key : kOptionalKeys) {
    EXPECT_EQ(ParseSessionSpec(Without(key)).value(), Small()) << key;
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionSpec(With(key, 1)).status()))
        << key;
  }
}

TEST(SessionSpec, RefusesOtherVersions) {
  for (const int version : {0, 2, -1}) {
    const std::string text = With("schema_version", version);
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionSpec(text).status())) << version;
  }
}

TEST(SessionSpec, RefusesMissingMembers) {
  const auto json = nlohmann::json::parse(FormatSessionSpec(Small()));
  for (const auto& [key, value] : json.items()) {
    if (std::count(kOptionalKeys.begin(), kOptionalKeys.end(), key) != 0) {
      continue;
    }
    const absl::Status status = ParseSessionSpec(Without(key)).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << key;
    EXPECT_THAT(status.message(), HasSubstr("session.json: "));
  }
}

TEST(SessionSpec, RefusesWrongTypes) {
  const std::vector<std::pair<std::string, nlohmann::json>> cases = {
      {"schema_version", "1"},
      {"schema_version", 1.5},
      {"schema_version", true},
      {"id", 7},
      {"id", nullptr},
      {"created_at", 1772352930},
      {"created_at", "monday"},
      {"argv", "true"},
      {"argv", {1, 2}},
      {"project", {"a"}},
      {"tool", 1},
      {"depth", "1"},
      {"depth", nullptr},
      {"depth", 0},
      {"depth", -1},
      {"depth", 1e300},
      {"depth", 4294967297},
      {"pid_namespace", -1},
      {"pid_namespace", 1e300},
      {"timeout_seconds", 0},
      {"idle_timeout_seconds", -1.5},
      {"timeout_seconds", "5s"},
      {"labels", {{"key", 1}}},
      {"labels", nullptr},
      {"stdin", nullptr},
  };
  for (const auto& [key, value] : cases) {
    const std::string text = With(key, value);
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionSpec(text).status())) << text;
  }
}

TEST(SessionSpec, F33_RefusesTornFiles) {
  const std::string text = FormatSessionSpec(Large());
  // The last character is the newline, without which nothing is missing.
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_TRUE(
        absl::IsDataLoss(ParseSessionSpec(text.substr(0, size)).status()))
        << size;
  }
}

TEST(SessionSpec, RefusesWhatIsNoObject) {
  for (const char* text : {"[]", "null", "1", "\"x\"", "{}{}", "\xff"}) {
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionSpec(text).status())) << text;
  }
}

TEST(Command, F08_ArgumentsComeBackByteForByte) {
  const std::vector<std::vector<std::string>> commands = {
      {"true"},
      {""},
      {"sh", "-c", "", ""},
      {"a b", "\"'\n", "--", "-x", "\xff\xfe", std::string(200'000, 'x')},
  };
  for (const std::vector<std::string>& argv : commands) {
    EXPECT_EQ(ParseCommand(FormatCommand(argv)).value(), argv);
  }
}

TEST(Command, RefusesWhatDoesNotEndWithNul) {
  EXPECT_TRUE(absl::IsDataLoss(ParseCommand("").status()));
  EXPECT_TRUE(absl::IsDataLoss(ParseCommand("true").status()));
  const absl::string_view torn("sh\0-", 4);
  EXPECT_TRUE(absl::IsDataLoss(ParseCommand(torn).status()));
}

}  // namespace
}  // namespace csa
