#include "common/session/timestamp.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

constexpr int64_t kMilliseconds = 1772352930250;
constexpr char kText[] = "2026-03-01T08:15:30.250Z";

TEST(Timestamp, IsRfc3339InUtcWithMilliseconds) {
  EXPECT_EQ(FormatTimestamp(absl::FromUnixMillis(kMilliseconds)), kText);
  EXPECT_EQ(FormatTimestamp(absl::UnixEpoch()), "1970-01-01T00:00:00.000Z");
}

TEST(Timestamp, ParsesWhatItFormats) {
  const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
  EXPECT_EQ(ParseTimestamp(FormatTimestamp(now)).value(), now);
}

TEST(Timestamp, ParsesOtherPrecisionsAndZones) {
  const absl::Time time = absl::FromUnixMillis(kMilliseconds);
  EXPECT_EQ(ParseTimestamp("2026-03-01T09:15:30.25+01:00").value(), time);
  EXPECT_EQ(ParseTimestamp("2026-03-01T08:15:30Z").value(),
            time - absl::Milliseconds(250));
}

TEST(Timestamp, RefusesWhatIsNone) {
  for (const char* text :
       {"", "now", "2026-03-01", "2026-03-01T08:15:30", "2026-13-01T08:15:30Z",
        "1772352930", "2026-03-01T08:15:30Z and more"}) {
    EXPECT_TRUE(absl::IsDataLoss(ParseTimestamp(text).status())) << text;
  }
}

}  // namespace
}  // namespace csa
