// Promises: the patterns run to their end with two real agents of different
// families, and no bytes that these add to an answer are in the way.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/agents/agents.h"
#include "tests/pattern_test.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kAgreed[] =
    R"({"agreement": true, "decision": "tabs", "confidence": "high", )"
    R"("key_points": [], "open_questions": []})";

class PatternsAgentsTest : public PatternTest {
 protected:
  PatternsAgentsTest() : agents_(scratch()) {
    UseAgents(agents_.With({"codex", "claude"}));
    agents_.OnPrompt({kMessage}, Reply("Grow a.txt\n\nIt was small."));
    // A reviewer sees in the change whether it was mended.
    agents_.OnPrompt({kReview, "+mended"}, Block(kClean));
    agents_.OnPrompt({kReview}, Block(kBug));
    agents_.OnPrompt({"Mend what a test or a review has found", "it leaks"},
                     Do("echo mended >> a.txt"));
    agents_.OnPrompt({"who criticises what you"}, Reply("I propose tabs."));
    agents_.OnPrompt({"you criticise what it", "I propose tabs."},
                     Block(kAgreed));
  }

  static std::string Reply(const std::string& text) {
    return absl::StrCat("[[reply ", text, "]]");
  }

  static std::string Block(const std::string& json) {
    return Reply(absl::StrCat("I looked.\n```json\n", json, "\n```\n"));
  }

  static std::string Do(const std::string& command) {
    return absl::StrCat("[[sh ", command, "]][[reply Did it.]]");
  }

  RealAgents agents_;
};

TEST_F(PatternsAgentsTest, Commit) {
  Shell("git switch --quiet --create feature; echo two >> a.txt");
  const Outcome commit = RunPattern("commit");
  EXPECT_EQ(commit.end, "1 2 3 4 -> 0") << commit.log;
  EXPECT_EQ(Git({"log", "-1", "--format=%B"}), "Grow a.txt\n\nIt was small.\n");
  EXPECT_EQ(FilesOfCommit(), "M\ta.txt");
}

TEST_F(PatternsAgentsTest, ReviewLoop) {
  Shell("echo two >> a.txt");
  const Outcome loop = RunPattern("review-loop");
  EXPECT_EQ(loop.end, "2 1 2 3 -> 0") << loop.log;
  EXPECT_EQ(ReadInProject("a.txt"), "one\ntwo\nmended\n");
  EXPECT_EQ(Git({"status", "--porcelain"}), " M a.txt");
}

TEST_F(PatternsAgentsTest, Debate) {
  const Outcome debate =
      RunPattern("debate", {"QUESTION=tabs or spaces?", "OUT=tabs.md"});
  EXPECT_EQ(debate.end, "1 2 -> 0") << debate.log;
  EXPECT_THAT(ReadInProject("tabs.md"),
              AllOf(StartsWith("# Question\n\ntabs or spaces?\n"),
                    HasSubstr("proposer codex, critic claude"),
                    HasSubstr("\n\ntabs\n")));
}

TEST_F(PatternsAgentsTest, Mktd) {
  agents_.OnPrompt({"Research what there is"}, Reply("One line."));
  agents_.OnPrompt({"Draft a plan", "One line."},
                   Reply("# More\n\n- [ ] Add two"));
  agents_.OnPrompt({"Revise the draft", "- [ ] Add two", "tabs"},
                   Reply("# Much more\n\n- [ ] Add two\n- [ ] Add three"));
  const Outcome plan = RunPattern("mktd", {"TASK=grow a.txt"});
  EXPECT_EQ(plan.end, "1 2 3 4 5 6 -> 0") << plan.log;
  EXPECT_EQ(ReadInProject("todo/plan.md"),
            "# Much more\n\n- [ ] Add two\n- [ ] Add three\n");
  EXPECT_EQ(Git({"status", "--porcelain"}), "?? todo/");
}

TEST_F(PatternsAgentsTest, PrBot) {
  StartBranch();
  OnGh("pr list", {"echo 7"});
  OnGh("pulls/7/reviews", {""});
  OnGh("pulls/7/comments", {""});
  OnGh("issues/7/comments", {"echo 12"});
  OnGh("env.seen", {"echo 13: a bug", "echo 14: fine"});
  OnGh("pr comment", {""});
  OnGh("pr merge", {""});
  agents_.OnPrompt({"Judge what a review bot says", "13: a bug"},
                   Reply("It is right.\n\nFIX"));
  agents_.OnPrompt({"Judge what a review bot says", "14: fine"},
                   Reply("CLEAN"));
  agents_.OnPrompt({"Mend what a review has found", "It is right."},
                   Do("echo mended >> feature.txt"));
  const Outcome merged = RunPattern("pr-bot", {"MERGE=true", "POLL_SECONDS=0"});
  EXPECT_EQ(merged.end, "1 2 3 4 5 6 7 8 9 2 3 10 11 -> 0") << merged.log;
  EXPECT_EQ(FilesOfCommit(), "M\tfeature.txt");
  EXPECT_EQ(GhCalls().back(), "pr merge 7 --squash --match-head-commit " +
                                  Git({"rev-parse", "feature"}, "origin.git"));
}

TEST_F(PatternsAgentsTest, Dev2merge) {
  agents_.OnPrompt({"Plan a task in this repository"},
                   Reply("Small.\n\n- [ ] Add two\n- [ ] Add b\n"));
  agents_.OnPrompt({"Do task number 1 of a plan"}, Do("echo two >> a.txt"));
  agents_.OnPrompt({"Do task number 2 of a plan"}, Do("echo b > b"));
  OnGh("pr list", {""});
  OnGh("pr create", {"echo https://github.com/o/r/pull/7"});
  const Outcome dev =
      RunPattern("dev2merge", {"TASK=grow", "TEST_CMD=grep two a.txt"});
  EXPECT_EQ(dev.end, "1 2 3 4 4 6 5 6 7 8 9 10 11 12 -> 0") << dev.log;
  EXPECT_EQ(FilesOfCommit(), "M\ta.txt\nA\tb");
  EXPECT_EQ(Git({"show", "HEAD:a.txt"}), "one\ntwo\nmended");
  EXPECT_EQ(Git({"rev-parse", "csa/grow"}, "origin.git"),
            Git({"rev-parse", "HEAD"}));
  EXPECT_THAT(GhCalls(), Contains(EndsWith("--title Grow a.txt --body-file - "
                                           "<< It was small.")));
}

}  // namespace
}  // namespace csa
