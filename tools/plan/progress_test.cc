#include "tools/plan/progress.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

const Workflow kWorkflow = {.name = "w", .steps = {{.id = 1}, {.id = 2}}};

Event Ended(Outcome outcome, std::string reason = "") {
  return {.kind = Event::Kind::kStepEnded,
          .turn = {2, {1}},
          .title = "Do it\x1b[2J",
          .session = "01ARYZ6S41TSV4RRFFQ69G5FAV",
          .outcome = outcome,
          .exit_code = outcome == Outcome::kFailed ? 7 : 0,
          .duration = absl::Seconds(12),
          .reason = std::move(reason)};
}

TEST(DescribeEvent, SaysHowItCameOut) {
  const auto describe = [](const Event& event) {
    return DescribeEvent(kWorkflow, event);
  };
  EXPECT_THAT(describe(Ended(Outcome::kDone)),
              EndsWith("step 2[1] of 2 (Do it\x1b[2J): done in 12s"));
  EXPECT_THAT(describe(Ended(Outcome::kDone, "before")),
              EndsWith("done before"));
  EXPECT_THAT(describe(Ended(Outcome::kFailed, "exit 7")),
              EndsWith("failed after 12s, exit 7"));
  EXPECT_THAT(describe(Ended(Outcome::kLeftOut, "for X holds")),
              EndsWith("left out, for X holds"));
  Event started = Ended(Outcome::kDone);
  started.kind = Event::Kind::kStepStarted;
  started.tool = "codex";
  started.attempt = 3;
  EXPECT_THAT(describe(started),
              EndsWith("codex, session 01ARYZ6S41TSV4RRFFQ69G5FAV, attempt 3"));
}

TEST(FormatSummary, HasALineForEachTurnAndOneInAll) {
  const std::string done = FormatSummary(
      kWorkflow, "01PLAN", {Ended(Outcome::kDone), Ended(Outcome::kLeftOut)},
      {.kind = Event::Kind::kPlanEnded, .duration = absl::Minutes(3)});
  EXPECT_THAT(done, MatchesRegex("2\\[1\\]  +Do it.x1B.2J +done +0 +12s  "
                                 "Q69G5FAV\n2\\[1\\] .* left out .*\n.*"));
  EXPECT_THAT(done, EndsWith("\nw: 1 done, 1 left out in 3m00s"));
}

TEST(FormatSummary, SaysHowToGoOn) {
  EXPECT_THAT(FormatSummary(kWorkflow, "01PLAN", {Ended(Outcome::kFailed)},
                            {.kind = Event::Kind::kPlanEnded,
                             .outcome = Outcome::kFailed}),
              EndsWith("w: 1 failed in 0ms; go on with: csa plan run --resume "
                       "01PLAN"));
}

TEST(FormatSummary, IsObeyedByNoTerminal) {
  EXPECT_THAT(FormatSummary(kWorkflow, "01PLAN", {Ended(Outcome::kDone)},
                            {.kind = Event::Kind::kPlanEnded}),
              Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace csa
