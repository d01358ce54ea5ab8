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
  EXPECT_EQ(FormatClearing(Id(), {.outcome = Outcome::kStillAlive}),
            absl::StrCat(kId, " still alive"));
  EXPECT_EQ(FormatClearing(Id(), {.outcome = Outcome::kRemoved}),
            absl::StrCat(kId, " removed"));
}

TEST(FormatClearingJson, SaysWhatWasDone) {
  const auto json = [](absl::string_view outcome, int strays) {
    return absl::StrCat("{\"session_id\":\"", kId, "\",\"outcome\":\"", outcome,
                        "\",\"strays\":", strays, "}");
  };
  EXPECT_EQ(FormatClearingJson(Id(), {.outcome = Outcome::kLost, .strays = 2}),
            json("lost", 2));
  EXPECT_EQ(FormatClearingJson(Id(), {.outcome = Outcome::kStillAlive}),
            json("still_alive", 0));
  EXPECT_EQ(FormatClearingJson(Id(), {.outcome = Outcome::kRemoved}),
            json("removed", 0));
}

}  // namespace
}  // namespace csa
