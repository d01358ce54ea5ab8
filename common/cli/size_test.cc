#include "common/cli/size.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;

TEST(ParseSize, TakesWhatUsersWrite) {
  const struct {
    absl::string_view text;
    int64_t bytes;
  } kTable[] = {
      {"1", 1},
      {"4096", 4096},
      {"64K", int64_t{64} << 10},
      {"512M", int64_t{512} << 20},
      {"2G", int64_t{2} << 30},
      {"1T", int64_t{1} << 40},
      {"9223372036854775807", INT64_MAX},
      {"8388607T", int64_t{8388607} << 40},
  };
  for (const auto& [text, bytes] : kTable) {
    const absl::StatusOr<int64_t> parsed = ParseSize(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, bytes) << text;
  }
}

TEST(ParseSize, RefusesOthers) {
  for (const absl::string_view text :
       {"", " ", "K", "0", "0G", "-1", "+1", " 1", "1 ", "1.5G", "1g", "1KB",
        "1GiB", "G1", "0x10", "1e3", "inf", "9223372036854775808",
        "8388608T"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseSize(text).status())) << text;
  }
}

TEST(SizeOption, ParsesWhatItPrints) {
  for (const absl::string_view text : {"1", "512M", "9223372036854775807"}) {
    SizeOption option;
    SizeOption again;
    std::string error;
    ASSERT_TRUE(AbslParseFlag(text, &option, &error)) << error;
    ASSERT_TRUE(AbslParseFlag(AbslUnparseFlag(option), &again, &error));
    EXPECT_EQ(option.value, again.value) << text;
  }
  EXPECT_EQ(AbslUnparseFlag(SizeOption()), "");
}

TEST(SizeOption, KeepsItsValueAtAnError) {
  SizeOption option = {.value = 5};
  std::string error;
  EXPECT_FALSE(AbslParseFlag("much", &option, &error));
  EXPECT_EQ(option.value, 5);
  EXPECT_THAT(error, HasSubstr("'much' is no size"));
}

TEST(FormatSize, HasTwoDigitsOrMore) {
  EXPECT_EQ(FormatSize(0), "0 B");
  EXPECT_EQ(FormatSize(1023), "1023 B");
  EXPECT_EQ(FormatSize(1024), "1.0 KiB");
  EXPECT_EQ(FormatSize(340 << 20), "340 MiB");
  EXPECT_EQ(FormatSize(int64_t{5} << 50), "5120 TiB");
}

}  // namespace
}  // namespace csa
