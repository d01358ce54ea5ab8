#include "common/session/session_id.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Ne;
using ::testing::StartsWith;

// The example of https://github.com/ulid/javascript.
constexpr char kExample[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";
constexpr int64_t kMillisecondsOfExample = 1469918176385;

TEST(SessionId, Has26CharactersOfCrockfordsBase32) {
  const SessionId id = SessionId::Generate(absl::Now());
  EXPECT_EQ(id.text().size(), SessionId::kLength);
  EXPECT_THAT(id.text(), MatchesRegex("[0-7][0-9A-HJKMNP-TV-Z]+"));
}

TEST(SessionId, BeginsWithTheTime) {
  const absl::Time time = absl::FromUnixMillis(kMillisecondsOfExample);
  EXPECT_THAT(SessionId::Generate(time).text(), StartsWith("01ARYZ6S41"));
}

TEST(SessionId, SortsByTime) {
  std::string last;
  for (const int64_t ms : {0, 1, 31, 32, 1023, 1024, 2000000000}) {
    std::string next = SessionId::Generate(absl::FromUnixMillis(ms)).text();
    EXPECT_LT(last, next) << ms;
    last = std::move(next);
  }
  EXPECT_LT(last, SessionId::Generate(absl::Now()).text());
}

TEST(SessionId, F09_IdsOfOneMillisecondDiffer) {
  const absl::Time now = absl::Now();
  const SessionId one = SessionId::Generate(now);
  const SessionId other = SessionId::Generate(now);
  EXPECT_NE(one, other);
  EXPECT_THAT(one.short_text(), Ne(other.short_text()));
}

TEST(SessionId, ShortTextIsTheLast8Characters) {
  EXPECT_EQ(SessionId::Parse(kExample)->short_text(), "Q69G5FAV");
}

TEST(SessionId, ParsesWhatItGenerates) {
  const SessionId id = SessionId::Generate(absl::Now());
  EXPECT_EQ(SessionId::Parse(id.text()).value(), id);
}

TEST(SessionId, ParsesEitherCase) {
  EXPECT_EQ(SessionId::Parse(absl::AsciiStrToLower(kExample))->text(),
            kExample);
}

TEST(SessionId, ParsesTheSmallestAndTheLargest) {
  EXPECT_TRUE(SessionId::Parse(std::string(26, '0')).ok());
  EXPECT_TRUE(SessionId::Parse("7" + std::string(25, 'Z')).ok());
}

TEST(SessionId, F39_RefusesWhatIsNone) {
  const std::vector<std::string> texts = {
      "",
      "8" + std::string(25, '0'),   // more than 128 bits
      "01ARYZ6S41TSV4RRFFQ69G5FA",  // one character less
      "01ARYZ6S41TSV4RRFFQ69G5FAVV",
      "01ARYZ6S41TSV4RRFFQ69G5FAI",
      "01ARYZ6S41TSV4RRFFQ69G5FAL",
      "01ARYZ6S41TSV4RRFFQ69G5FAO",
      "01ARYZ6S41TSV4RRFFQ69G5FAU",
      "../../../../../../../etc/x",
      ".01ARYZ6S41TSV4RRFFQ69G5FA",
      "01ARYZ6S41TSV4RRFFQ69G5F/.",
      " 1ARYZ6S41TSV4RRFFQ69G5FAV",
      std::string("01ARYZ6S41TSV4RRFFQ69G5FA\0", 26),
  };
  for (const std::string& text : texts) {
    EXPECT_TRUE(absl::IsInvalidArgument(SessionId::Parse(text).status()))
        << text;
  }
}

TEST(ParsePartOfSessionId, TakesFourCharactersOrMoreInEitherCase) {
  EXPECT_EQ(ParsePartOfSessionId("5fav").value(), "5FAV");
  EXPECT_EQ(ParsePartOfSessionId("01ARYZ").value(), "01ARYZ");
  EXPECT_EQ(ParsePartOfSessionId(kExample).value(), kExample);
}

TEST(ParsePartOfSessionId, F39_RefusesPathsAndOtherCharacters) {
  for (const char* text : {"", "abc", "../../x", "....", "abc/", "abcl",
                           "latest", "*ABC", "abc\n", "\xff\xff\xff\xff"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParsePartOfSessionId(text).status()))
        << text;
  }
  const std::string long_text = std::string(kExample) + "0";
  EXPECT_THAT(ParsePartOfSessionId(long_text).status().message(),
              HasSubstr("too long"));
  EXPECT_THAT(ParsePartOfSessionId("5FA").status().message(),
              HasSubstr("too short"));
}

TEST(ParsePartOfSessionId, EscapesWhatItRefuses) {
  EXPECT_THAT(ParsePartOfSessionId("\x1b[31m").status().message(),
              HasSubstr("'\\x1b[31m'"));
}

}  // namespace
}  // namespace csa
