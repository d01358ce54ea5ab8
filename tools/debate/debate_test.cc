#include "tools/debate/debate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Debate Example() {
  return {
      .question = "tabs or spaces?",
      .proposer = {"codex", ""},
      .critic = {"claude", "opus"},
      .rounds = 3,
      .turns = {{1, false, "ID1", "tabs\n"}, {1, true, "ID2", "```\nno\n```"}},
      .position = Position{.agreement = true,
                           .decision = "spaces\nfour",
                           .confidence = "high",
                           .key_points = {"a \x1b[1m"}}};
}

TEST(IsDecided, NeedsAgreement) {
  Debate debate = Example();
  EXPECT_TRUE(IsDecided(debate));
  debate.reason = "somebody failed";
  EXPECT_FALSE(IsDecided(debate));
  debate.reason.clear();
  debate.position->agreement = false;
  EXPECT_FALSE(IsDecided(debate));
  debate.position.reset();
  EXPECT_FALSE(IsDecided(debate));
}

TEST(Prompts, ShowTheQuestionAndWhatWasSaid) {
  const Debate debate = Example();
  for (const std::string& prompt :
       {ProposerPrompt(debate, 2), CriticPrompt(debate, 2, "{SCHEMA}\n")}) {
    EXPECT_THAT(
        prompt,
        AllOf(HasSubstr("round 2 of at most 3"),
              HasSubstr("The question:\n\n```\ntabs or spaces?\n```\n"),
              HasSubstr("Round 1, the proposer:\n\n```\ntabs\n```\n"),
              HasSubstr("Round 1, the critic:\n\n````\n```\nno\n```\n````\n")));
  }
  EXPECT_THAT(CriticPrompt(debate, 2, "{SCHEMA}\n"), HasSubstr("{SCHEMA}"));
}

TEST(Prompts, CutWhatIsTooLong) {
  Debate debate = Example();
  debate.turns[0].text = std::string(1 << 20, 'x');
  EXPECT_LT(CriticPrompt(debate, 1, "").size(), 200 * 1024);
  EXPECT_THAT(CriticPrompt(debate, 1, ""), HasSubstr("but is cut here"));
}

TEST(FormatTranscript, HasAllTurns) {
  EXPECT_EQ(FormatTranscript(Example()), R"(# Question

> tabs or spaces?

# Round 1: proposer (codex, session ID1)

> tabs

# Round 1: critic (claude:opus, session ID2)

> ```
> no
> ```
)");
}

TEST(FormatDebate, AsText) {
  Debate debate = Example();
  EXPECT_EQ(FormatDebateText(debate),
            R"(decided, confidence high (proposer codex, critic claude:opus, )"
            R"(rounds: 1)

spaces
four

key points:
  - a \x1B[1m)");
  debate.reason = "there is no agreement after round 1";
  EXPECT_THAT(FormatDebateText(debate),
              AllOf(HasSubstr("undecided: there is no agreement"),
                    Not(HasSubstr("spaces\n"))));
}

TEST(FormatDebate, AsJson) {
  EXPECT_EQ(Json::parse(FormatDebateJson(Example())), Json::parse(R"({
    "decided": true, "question": "tabs or spaces?", "decision": "spaces\nfour",
    "confidence": "high", "key_points": ["a \u001b[1m"], "open_questions": [],
    "reason": null,
    "turns": [
      {"round": 1, "role": "proposer", "tool": "codex", "model": null,
       "session_id": "ID1"},
      {"round": 1, "role": "critic", "tool": "claude", "model": "opus",
       "session_id": "ID2"}]})"));
  const Json nothing = Json::parse(
      FormatDebateJson({.question = "q", .reason = "the proposer failed"}));
  EXPECT_EQ(nothing.at("decided"), false);
  EXPECT_TRUE(nothing.at("decision").is_null());
  EXPECT_TRUE(nothing.at("confidence").is_null());
  EXPECT_EQ(nothing.at("reason"), "the proposer failed");
}

}  // namespace
}  // namespace csa
