#include "common/session/session_result.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/utf8.h"
#include "common/os/atomic_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;

SessionResult Success() {
  return {
      .id = "01ARYZ6S41TSV4RRFFQ69G5FAV",
      .status = SessionStatus::kSuccess,
      .exit_code = 0,
      .command_exit = 0,
      .tool = "codex",
      .summary = "42 tests passed",
      .started_at = absl::FromUnixMillis(1772352930250),
      .completed_at = absl::FromUnixMillis(1772352931000),
      .wall = absl::Milliseconds(750),
      .cpu = absl::Milliseconds(31),
      .max_rss_kb = 1234,
  };
}

// One of each status, as the supervisor and csa-kill write them.
std::vector<SessionResult> OneOfEach() {
  std::vector<SessionResult> results(7, Success());
  results[1].status = SessionStatus::kFailure;
  results[1].exit_code = 124;
  results[1].command_exit = 124;
  results[2].status = SessionStatus::kSignal;
  results[2].exit_code = 139;
  results[2].command_exit = {};
  results[2].command_signal = 11;
  results[3].status = SessionStatus::kKilled;
  results[3].exit_code = 143;
  results[3].ended_by = "77 csa-kill < 12 \"bash\"";
  results[4].status = SessionStatus::kTimeout;
  results[4].exit_code = 143;
  results[4].strays = 2;
  results[4].stray_names = {"5 a b", "6 \\\"\t\x7f é"};
  results[5].status = SessionStatus::kIdleTimeout;
  results[5].exit_code = 143;
  results[6] = {.id = results[0].id,
                .status = SessionStatus::kLost,
                .exit_code = 1,
                .started_at = results[0].started_at,
                .completed_at = results[0].completed_at,
                .wall = absl::ZeroDuration()};
  return results;
}

TEST(SessionResult, ParsesWhatItFormats) {
  for (const SessionResult& result : OneOfEach()) {
    const std::string text = FormatSessionResult(result);
    const absl::StatusOr<SessionResult> parsed = ParseSessionResult(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status() << "\n" << text;
    EXPECT_EQ(*parsed, result) << text;
    EXPECT_EQ(FormatSessionResult(*parsed), text);
  }
}

TEST(SessionResult, NamesEachStatus) {
  std::vector<std::string> names;
  for (const SessionResult& result : OneOfEach()) {
    names.emplace_back(SessionStatusName(result.status));
  }
  EXPECT_THAT(names,
              testing::ElementsAre("success", "failure", "signal", "killed",
                                   "timeout", "idle_timeout", "lost"));
}

// The longest texts that csa itself comes by, made of `character`.
SessionResult LongestOf(absl::string_view character) {
  std::string text;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, character);
  // A process has a name of 15 bytes at most.
  const std::string process = absl::StrCat(4194304, " ", text.substr(0, 15));
  SessionResult result = OneOfEach()[3];
  result.command_exit.reset();
  result.command_signal = 64;
  result.tool = text;
  result.summary = SummaryOf(text);
  result.ended_by = absl::StrCat(process, " < ", process);
  result.max_rss_kb = std::numeric_limits<int64_t>::max();
  result.strays = std::numeric_limits<int>::max();
  result.wall = result.cpu.emplace(absl::Hours(1'000'000));
  result.stray_names.assign(kMaxStrayNames, process);
  return result;
}

TEST(SessionResult, F32_FitsIntoItsReservationWhateverItSays) {
  for (const char* worst : {"\x01", "\"", "\\", "\xff", "\U0001F600", "\x7f"}) {
    const std::string toml = FormatSessionResult(LongestOf(worst));
    EXPECT_LT(toml.size(), kReservedBytes) << worst;
    EXPECT_TRUE(ParseSessionResult(toml).ok()) << toml;
  }
}

TEST(SessionResult, F12_TornIsNeverSuccess) {
  const SessionResult result = Success();
  const std::string whole = FormatSessionResult(result);
  // Nothing is missing where only the last newline is.
  for (size_t size = 0; size + 1 < whole.size(); ++size) {
    const std::string torn = whole.substr(0, size);
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionResult(torn).status())) << torn;
  }
}

TEST(SessionResult, F12_TornToZerosIsNeverSuccess) {
  const std::string whole = FormatSessionResult(Success());
  for (size_t size = 0; size <= whole.size(); ++size) {
    std::string torn = whole.substr(0, size);
    torn.resize(kReservedBytes, '\0');
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionResult(torn).status())) << size;
  }
}

TEST(SessionResult, F12_TornFailureIsNeverAnythingElse) {
  for (const SessionResult& result : OneOfEach()) {
    const std::string whole = FormatSessionResult(result);
    for (size_t size = 0; size < whole.size(); ++size) {
      const absl::StatusOr<SessionResult> parsed =
          ParseSessionResult(whole.substr(0, size));
      if (!parsed.ok()) continue;
      EXPECT_EQ(parsed->status, result.status) << size;
      EXPECT_EQ(parsed->exit_code, result.exit_code) << size;
    }
  }
}

TEST(SessionResult, F12_ExitCodeMustGoWithTheStatus) {
  const std::vector<std::string> faulty = {
      "status = \"success\"\nexit_code = 7\n",
      "status = \"failure\"\nexit_code = 0\n",
      "status = \"killed\"\nexit_code = 0\n",
      "status = \"lost\"\nexit_code = 0\n",
      "status = \"failure\"\nexit_code = 256\n",
      "status = \"failure\"\nexit_code = -1\n",
      "status = \"failure\"\nexit_code = 4294967297\n",
      "status = \"failure\"\nexit_code = 1.0\n",
      "status = \"success\"\nexit_code = \"0\"\n",
      "status = \"success\"\nexit_code = false\n",
  };
  for (const std::string& toml : faulty) {
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionResult(toml).status())) << toml;
  }
}

TEST(SessionResult, F12_TheExitCodeIsTheOneOfTheStatus) {
  for (SessionResult result : OneOfEach()) {
    if (result.status == SessionStatus::kSuccess) continue;
    result.exit_code = 77;
    EXPECT_TRUE(absl::IsDataLoss(
        ParseSessionResult(FormatSessionResult(result)).status()))
        << FormatSessionResult(result);
  }
}

TEST(SessionResult, F12_RefusesOtherStatuses) {
  for (const char* status : {"\"SUCCESS\"", "\"\"", "\"done\"", "0", "true"}) {
    const std::string toml =
        absl::StrCat("status = ", status, "\nexit_code = 0\n");
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionResult(toml).status())) << toml;
  }
}

TEST(SessionResult, ReadsTheLegacyMinimum) {
  const absl::StatusOr<SessionResult> result =
      ParseSessionResult("status = \"failure\"\nexit_code = 3\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->status, SessionStatus::kFailure);
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->id, "");
  EXPECT_FALSE(ParseSessionResult("status = \"failure\"\n").ok());
  EXPECT_FALSE(ParseSessionResult("exit_code = 0\n").ok());
}

TEST(SessionResult, IgnoresUnknownKeys) {
  const std::string text = absl::StrCat(
      "future = [1, 2]\n", FormatSessionResult(Success()), "[more]\nx = 1\n");
  const absl::StatusOr<SessionResult> parsed = ParseSessionResult(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, Success());
}

TEST(SessionResult, RefusesKnownKeysOfAnotherType) {
  const std::string good = FormatSessionResult(Success());
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"id = \"01ARYZ6S41TSV4RRFFQ69G5FAV\"", "id = 1"},
      {"\"2026-03-01T08:15:30.250Z\"", "\"yesterday\""},
      {"wall_seconds = 0.750", "wall_seconds = \"0.750\""},
      {"strays = 0", "strays = \"none\""},
      {"stray_names = []", "stray_names = 0"},
      {"command_exit = 0", "command_exit = \"0\""},
      {"summary = \"42 tests passed\"", "summary = 42"},
      {"max_rss_kb = 1234", "max_rss_kb = true"},
  };
  for (const auto& change : changes) {
    const std::string bad = absl::StrReplaceAll(good, {change});
    ASSERT_NE(bad, good) << change.first;
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionResult(bad).status())) << bad;
  }
}

TEST(SessionResult, F12_RefusesWhatCannotBe) {
  const std::string good = FormatSessionResult(Success());
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"command_exit = 0", "command_exit = 256"},
      {"command_exit = 0", "command_exit = 4294967296"},
      {"command_exit = 0", "command_exit = -1"},
      {"command_exit = 0", "command_signal = 0"},
      {"command_exit = 0", "command_signal = 65"},
      {"command_exit = 0", "command_exit = 0\ncommand_signal = 9"},
      {"strays = 0", "strays = -1"},
      {"strays = 0", "strays = 4294967296"},
      {"wall_seconds = 0.750", "wall_seconds = inf"},
      {"wall_seconds = 0.750", "wall_seconds = nan"},
      {"wall_seconds = 0.750", "wall_seconds = 1e300"},
      {"\"2026-03-01T08:15:30.250Z\"", "\"infinite-future\""},
  };
  for (const auto& change : changes) {
    const std::string bad = absl::StrReplaceAll(good, {change});
    ASSERT_NE(bad, good) << change.first;
    EXPECT_TRUE(absl::IsDataLoss(ParseSessionResult(bad).status())) << bad;
  }
}

TEST(SessionResult, TakesWholeSeconds) {
  const std::string text =
      absl::StrReplaceAll(FormatSessionResult(Success()), {{"= 0.750", "= 2"}});
  EXPECT_EQ(ParseSessionResult(text)->wall, absl::Seconds(2));
}

TEST(SummaryOf, IsTheLastLineThatIsNotBlank) {
  EXPECT_EQ(SummaryOf(""), "");
  EXPECT_EQ(SummaryOf("\n \n\t\r\n"), "");
  EXPECT_EQ(SummaryOf("one"), "one");
  EXPECT_EQ(SummaryOf("one\ntwo\n"), "two");
  EXPECT_EQ(SummaryOf("one\n  two \r\n\n  \n"), "two");
}

TEST(SummaryOf, HasNoControlCharacters) {
  EXPECT_EQ(SummaryOf("a\x1b[31mb\tc\x7f"
                      "d\n"),
            "a [31mb c d");
  EXPECT_EQ(SummaryOf(absl::string_view("a\0b", 3)), "a b");
}

TEST(SummaryOf, IsValidUtf8) {
  EXPECT_EQ(SummaryOf("a\xff"
                      "b\xc3"),
            "a\uFFFDb\uFFFD");
}

TEST(SummaryOf, HasAtMost200Characters) {
  EXPECT_EQ(SummaryOf(std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(SummaryOf(std::string(201, 'x')), std::string(200, 'x'));
  std::string two_bytes_each;
  for (int i = 0; i < 300; ++i) two_bytes_each += "é";
  EXPECT_EQ(SummaryOf(two_bytes_each), two_bytes_each.substr(0, 400));
}

}  // namespace
}  // namespace csa
