#include "common/cli/duration.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;

TEST(ParseTimeout, TakesWhatUsersWrite) {
  const struct {
    absl::string_view text;
    absl::Duration duration;
  } kTable[] = {
      {"90", absl::Seconds(90)},
      {"1", absl::Seconds(1)},
      {"0.5", absl::Milliseconds(500)},
      {"90s", absl::Seconds(90)},
      {"5m", absl::Minutes(5)},
      {"2.5m", absl::Seconds(150)},
      {"1h30m", absl::Minutes(90)},
      {"500ms", absl::Milliseconds(500)},
      {"1h0m1s", absl::Hours(1) + absl::Seconds(1)},
      {"1000h", absl::Hours(1000)},
      {"1d", absl::Hours(24)},
      {"7d", absl::Hours(7 * 24)},
      {"1d12h", absl::Hours(36)},
      {"1.5d", absl::Hours(36)},
      {"1d90", absl::Hours(24) + absl::Seconds(90)},
      {"0d1ms", absl::Milliseconds(1)},
      {"2d1.5h10m", absl::Hours(49) + absl::Minutes(40)},
  };
  for (const auto& [text, duration] : kTable) {
    const absl::StatusOr<absl::Duration> parsed = ParseTimeout(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, duration) << text;
  }
}

TEST(ParseTimeout, RefusesOthers) {
  for (const absl::string_view text : {"",
                                       " ",
                                       "s",
                                       "x",
                                       "5x",
                                       "5 m",
                                       " 5",
                                       "5 ",
                                       "d",
                                       "0d",
                                       "0d0h",
                                       "-1d",
                                       "+1d",
                                       ".d",
                                       "1..5d",
                                       "1 d",
                                       "1d ",
                                       "1d-5h",
                                       "1d+5h",
                                       "1dinf",
                                       "1d2d",
                                       "1h2d",
                                       "1hd",
                                       "1d12x",
                                       "infd",
                                       "1w",
                                       "99999999999999999999d",
                                       "999999999999999d",
                                       "1,5",
                                       "0",
                                       "0s",
                                       "0h0m",
                                       "-1",
                                       "-5m",
                                       "inf",
                                       "-inf",
                                       "+inf",
                                       "infinity",
                                       "nan",
                                       "1e3",
                                       "0x10",
                                       "5m!",
                                       "99999999999999999999",
                                       "9223372036854775807h"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTimeout(text).status())) << text;
  }
}

TEST(ParseTimeout, SaysWhatWasWrongInOneLine) {
  EXPECT_THAT(std::string(ParseTimeout("5\nx").status().message()),
              HasSubstr("'5\\nx' is no duration"));
}

TEST(TimeoutOption, ParsesWhatItPrints) {
  for (const absl::string_view text :
       {"90", "0.5", "1h30m", "500ms", "1234567.891", "0.000000001"}) {
    TimeoutOption option;
    TimeoutOption again;
    std::string error;
    ASSERT_TRUE(AbslParseFlag(text, &option, &error)) << error;
    ASSERT_TRUE(AbslParseFlag(AbslUnparseFlag(option), &again, &error));
    EXPECT_EQ(option.value, again.value) << text;
  }
}

TEST(TimeoutOption, IsEmptyWhereItIsNotGiven) {
  EXPECT_EQ(AbslUnparseFlag(TimeoutOption()), "");
}

TEST(TimeoutOption, KeepsItsValueAtAnError) {
  TimeoutOption option = {.value = absl::Seconds(5)};
  std::string error;
  EXPECT_FALSE(AbslParseFlag("soon", &option, &error));
  EXPECT_EQ(option.value, absl::Seconds(5));
  EXPECT_THAT(error, HasSubstr("'soon' is no duration"));
}

TEST(FormatShortDuration, HasTwoUnitsAtMost) {
  EXPECT_EQ(FormatShortDuration(absl::Seconds(-5)), "0ms");
  EXPECT_EQ(FormatShortDuration(absl::Milliseconds(999)), "999ms");
  EXPECT_EQ(FormatShortDuration(absl::Seconds(59.9)), "59s");
  EXPECT_EQ(FormatShortDuration(absl::Seconds(185)), "3m05s");
  EXPECT_EQ(FormatShortDuration(absl::Minutes(123)), "2h03m");
  EXPECT_EQ(FormatShortDuration(absl::Hours(98)), "4d02h");
}

}  // namespace
}  // namespace csa
