#include "tools/kill/report.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = Ending::Outcome;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

SessionId Id() { return SessionId::Parse(kId).value(); }

TEST(FormatEnding, SaysWhatBecameOfTheSession) {
  EXPECT_EQ(FormatEnding(Id(), {.outcome = Outcome::kEnded}),
            absl::StrCat(kId, " ended"));
  EXPECT_EQ(FormatEnding(Id(), {.outcome = Outcome::kAlreadyEnded}),
            absl::StrCat(kId, " already ended"));
  EXPECT_EQ(FormatEnding(Id(), {.outcome = Outcome::kStillAlive}),
            absl::StrCat(kId, " still alive"));
}

TEST(FormatEndingJson, SaysWhatBecameOfTheSession) {
  const auto json = [](absl::string_view outcome, int strays) {
    return absl::StrCat("{\"session_id\":\"", kId, "\",\"outcome\":\"", outcome,
                        "\",\"strays\":", strays, "}");
  };
  EXPECT_EQ(FormatEndingJson(Id(), {.outcome = Outcome::kEnded, .strays = 3}),
            json("ended", 3));
  EXPECT_EQ(FormatEndingJson(Id(), {.outcome = Outcome::kAlreadyEnded}),
            json("already_ended", 0));
  EXPECT_EQ(FormatEndingJson(Id(), {.outcome = Outcome::kStillAlive}),
            json("still_alive", 0));
}

TEST(DescribeLeftovers, HasNothingToSayOfAPlainEnd) {
  EXPECT_THAT(DescribeLeftovers(Id(), {.outcome = Outcome::kEnded}), IsEmpty());
}

TEST(DescribeLeftovers, NamesWhoIsAliveAndItsOwner) {
  const pid_t gone = ForkWorker([] {}).value();
  ASSERT_TRUE(Reap(gone).ok());
  EXPECT_THAT(
      DescribeLeftovers(Id(), {.outcome = Outcome::kStillAlive,
                               .alive = {{.pid = getpid(), .comm = "some name"},
                                         {.pid = gone, .comm = "gone"}}}),
      ElementsAre(
          absl::StrCat("still alive: pid ", getpid(), " uid ", geteuid(),
                       " command some name"),
          absl::StrCat("still alive: pid ", gone, " uid ? command gone")));
}

TEST(DescribeLeftovers, OwnsUpToWhatCannotBeKnownOfALostSession) {
  EXPECT_THAT(
      DescribeLeftovers(
          Id(), {.outcome = Outcome::kEnded, .lost = true, .uncertain = true}),
      ElementsAre(AllOf(HasSubstr(absl::StrCat("session ", kId, " was lost")),
                        HasSubstr("could not be found"))));
}

TEST(DescribeLeftovers, KnowsThatNothingIsLeftInACgroup) {
  EXPECT_THAT(
      DescribeLeftovers(Id(), {.outcome = Outcome::kEnded, .lost = true}),
      ElementsAre(AllOf(HasSubstr(absl::StrCat("session ", kId, " was lost")),
                        HasSubstr("Nothing is left in its cgroup"))));
}

}  // namespace
}  // namespace csa
