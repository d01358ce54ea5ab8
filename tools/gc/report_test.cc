#include "tools/gc/report.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using Outcome = Clearing::Outcome;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

SessionId Id() { return SessionId::Parse(kId).value(); }

TEST(FormatClearing, SaysWhatWasDone) {
  EXPECT_EQ(FormatClearing(Id(), {.outcome = Outcome::kLost}),
            absl::StrCat(kId, " lost"));
  EXPECT_EQ(FormatClearing(Id(), {.outcome = Outcome::kEnded}),
            absl::StrCat(kId, " ended"));
  EXPECT_EQ(FormatClearing(Id(), {.outcome = Outcome::kStillAlive}),
            absl::StrCat(kId, " still alive"));
  EXPECT_EQ(FormatClearing(Id(), {.outcome = Outcome::kRemoved}),
            absl::StrCat(kId, " removed"));
}

TEST(FormatClearingJson, SaysWhatWasDone) {
  const auto json = [](absl::string_view rest) {
    return absl::StrCat(R"({"session_id":")", kId, R"(",)", rest, "}");
  };
  EXPECT_EQ(
      FormatClearingJson(Id(), {.outcome = Outcome::kLost, .strays = 2}, false),
      json(R"("outcome":"lost","strays":2,"bytes":0,"dry_run":false)"));
  EXPECT_EQ(
      FormatClearingJson(Id(), {.outcome = Outcome::kStillAlive}, false),
      json(R"("outcome":"still_alive","strays":0,"bytes":0,"dry_run":false)"));
  EXPECT_EQ(FormatClearingJson(
                Id(), {.outcome = Outcome::kRemoved, .bytes = int64_t{5} << 30},
                true),
            json(R"("outcome":"removed","strays":0,"bytes":5368709120,)"
                 R"("dry_run":true)"));
}

}  // namespace
}  // namespace csa
