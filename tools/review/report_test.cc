#include "tools/review/report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

Review Example() {
  return {
      .what = "the uncommitted changes",
      .consensus = Consensus::kAny,
      .reviewers = {
          {.agent = {"codex", "m"},
           .session = "ID1",
           .opinion = {.verdict = Verdict::kFindings,
                       .findings = {{"medium", "src/a b.cc", 7, "it\nleaks",
                                     "first\nsecond \x1b[1m"},
                                    {"low", "", std::nullopt, "no test", ""}}}},
          {.agent = {"claude", ""},
           .opinion = {.reason = "it could not be started"}},
      }};
}

TEST(VerdictOf, OfAChangeThatWasCutNoneIsClean) {
  Review review = {.reviewers = {{.opinion = {.verdict = Verdict::kClean}}}};
  EXPECT_EQ(VerdictOf(review), Verdict::kClean);
  review.cut = true;
  EXPECT_EQ(VerdictOf(review), Verdict::kUncertain);
  review.reviewers[0].opinion.verdict = Verdict::kFindings;
  EXPECT_EQ(VerdictOf(review), Verdict::kFindings);
}

TEST(FormatReview, AsText) {
  EXPECT_EQ(FormatReviewText(Example()),
            R"(verdict: findings, on the uncommitted changes
  codex:m: findings, session ID1
  claude: uncertain (it could not be started)

medium  src/a b.cc:7  it\x0Aleaks  [codex:m]
    first
    second \x1B[1m

low    no test  [codex:m])");
}

TEST(FormatReview, AsJson) {
  const std::string text = FormatReviewJson(Example());
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_EQ(Json::parse(text), Json::parse(R"({
    "verdict": "findings", "what": "the uncommitted changes", "cut": false,
    "consensus": "any",
    "reviewers": [
      {"session_id": "ID1", "tool": "codex", "model": "m",
       "verdict": "findings", "reason": null},
      {"session_id": null, "tool": "claude", "model": null,
       "verdict": "uncertain", "reason": "it could not be started"}],
    "findings": [
      {"severity": "medium", "file": "src/a b.cc", "line": 7,
       "title": "it\nleaks", "detail": "first\nsecond \u001b[1m",
       "reviewers": ["codex:m"]},
      {"severity": "low", "file": "", "line": null, "title": "no test",
       "detail": "", "reviewers": ["codex:m"]}]})"));
}

// The members that SARIF 2.1.0 requires, and what viewers look at.
TEST(FormatReview, AsSarif) {
  const Json sarif = Json::parse(FormatReviewSarif(Example()));
  EXPECT_EQ(sarif.at("version"), "2.1.0");
  const Json run = sarif.at("runs").at(0);
  const Json driver = run.at("tool").at("driver");
  EXPECT_EQ(driver.at("name"), "csa-review");
  EXPECT_TRUE(run.at("invocations").at(0).at("executionSuccessful"));
  ASSERT_EQ(run.at("results").size(), 2);
  const Json result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), driver.at("rules").at(0).at("id"));
  EXPECT_EQ(result.at("level"), "warning");
  EXPECT_EQ(result.at("message").at("text"),
            "it\nleaks\nfirst\nsecond \x1b[1m");
  const Json place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), "src/a%20b.cc");
  EXPECT_EQ(place.at("region").at("startLine"), 7);
  EXPECT_FALSE(run.at("results").at(1).contains("locations"));
  EXPECT_EQ(run.at("results").at(1).at("level"), "note");
}

TEST(FormatReview, AsSarifTellsThatNothingIsCertain) {
  Review review = Example();
  review.consensus = Consensus::kUnanimous;
  const Json run = Json::parse(FormatReviewSarif(review)).at("runs").at(0);
  EXPECT_FALSE(run.at("invocations").at(0).at("executionSuccessful"));
  EXPECT_EQ(run.at("properties").at("verdict"), "uncertain");
}

}  // namespace
}  // namespace csa
