// Promises of the patterns dev2merge, dev-to-merge and ai-reviewed-commit:
// nothing is committed or leaves the machine before a review was clean.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/pattern_test.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPlan[] = "Plan a task in this repository";
constexpr char kDo[] = "of a plan in this repository, and only this one";
constexpr char kMend[] = "Mend what a test or a review has found";

constexpr char kTask[] = "TASK=Grow: `a.txt`, \"twice\"\nand $(more)";
constexpr char kBranch[] = "csa/grow-a-txt-twice";

class DevTest : public PatternTest {
 protected:
  DevTest() {
    OnPrompt(kPlan,
             {Say("It is small.\n- [ ] Add `two` \n  - [ ] Add b\nEnd.")});
    OnPrompt(kDo, {"echo two >> a.txt; echo 'Did it.'", "echo b > b"});
    // It may stage what it likes.
    OnPrompt(kMend, {"echo mended >> a.txt; git add a.txt"});
    OnPrompt(kReview, {Answer(kBug), Answer(kClean)});
    OnPrompt(kMessage, {Say("Grow a.txt\n\nIt was small.")});
    OnGh("pr list", {""});
    OnGh("pr create", {"echo https://github.com/o/r/pull/7"});
  }

  Outcome Dev(std::vector<std::string> variables = {},
              const std::string& name = "dev2merge") const {
    variables.emplace_back(kTask);
    return RunPattern(name, variables);
  }

  // Nothing was committed, pushed or asked of GitHub.
  void ExpectNothingLeft() const {
    EXPECT_EQ(Git({"rev-list", "--all", "--count"}), "1");
    EXPECT_EQ(Git({"for-each-ref", "--format=%(refname)"}, "origin.git"),
              "refs/heads/main");
    EXPECT_THAT(GhCalls(), IsEmpty());
  }
};

TEST_F(DevTest, ATaskBecomesAPullRequest) {
  const Outcome dev = Dev({"TEST_CMD=grep two a.txt"});
  EXPECT_EQ(dev.end, "1 2 3 4 4 6 5 6 7 8 9 10 11 12 -> 0") << dev.log;
  EXPECT_EQ(OutputOf(dev, 3), "1. Add `two`\n2. Add b\nCSA_VAR:TASKS=1 2\n");
  EXPECT_THAT(Prompt(kDo), AllOf(HasSubstr("Do task number 1 of"),
                                 HasSubstr("\"twice\"\nand $(more)\n"),
                                 HasSubstr("\n2. Add b\n")));
  EXPECT_THAT(Prompt(kDo, 2), HasSubstr("Do task number 2 of"));
  EXPECT_THAT(Prompt(kReview), AllOf(HasSubstr("+two"), HasSubstr("+b")));
  EXPECT_THAT(Prompt(kMend), HasSubstr("it leaks"));
  EXPECT_EQ(Git({"symbolic-ref", "HEAD"}),
            absl::StrCat("refs/heads/", kBranch));
  EXPECT_EQ(Git({"log", "--format=%B", "main..HEAD"}),
            "Grow a.txt\n\nIt was small.\n");
  EXPECT_EQ(FilesOfCommit(), "M\ta.txt\nA\tb");
  EXPECT_EQ(Git({"show", "HEAD:a.txt"}), "one\ntwo\nmended");
  EXPECT_EQ(Git({"status", "--porcelain"}), "");
  EXPECT_EQ(Git({"rev-parse", kBranch}, "origin.git"),
            Git({"rev-parse", "HEAD"}));
  EXPECT_EQ(Git({"rev-parse", "main"}, "origin.git"),
            Git({"rev-parse", "HEAD~1"}));
  EXPECT_THAT(
      GhCalls(),
      ElementsAre(absl::StrCat("pr list --head ", kBranch,
                               " --state open --json url,isCrossRepository"),
                  absl::StrCat("pr create --base main --head ", kBranch,
                               " --title Grow a.txt --body-file - << "
                               "It was small.")));
  EXPECT_EQ(OutputOf(dev, 12), "https://github.com/o/r/pull/7\n");
}

TEST_F(DevTest, WorkGoesOnOnItsOwnBranch) {
  Shell("git switch --quiet --create mine");
  OnGh("pr list", {"echo https://github.com/o/r/pull/6"});
  OnPrompt(kReview, {Answer(kClean)});
  const Outcome dev = Dev({"BRANCH=mine", "BASE=next"}, "dev-to-merge");
  EXPECT_EQ(dev.end, "1 2 3 4 4 6 7 8 9 10 11 12 -> 0") << dev.log;
  EXPECT_EQ(OutputOf(dev, 12), "https://github.com/o/r/pull/6\n");
  EXPECT_EQ(GhCalls().size(), 1);
  EXPECT_EQ(Git({"rev-parse", "mine"}, "origin.git"),
            Git({"rev-parse", "HEAD"}));
}

TEST_F(DevTest, NothingLeavesTheMachineWithoutACleanReview) {
  const Outcome findings = Dev({"ROUNDS=1"});
  EXPECT_EQ(findings.end, "1 2 3 4 4 6 7 -> 1") << findings.log;
  EXPECT_EQ(Git({"status", "--porcelain"}), " M a.txt\n?? b");
  ExpectNothingLeft();
  EXPECT_EQ(Dev({"BRANCH=x"}).end, "1 -> 1") << "there are changes";
  Shell("git reset --quiet --hard; git clean --quiet --force");
  OnPrompt(kDo, {"echo two >> a.txt"});
  OnPrompt(kReview, {Say("It is clean.")});
  EXPECT_EQ(Dev().end, "1 2 3 4 4 6 6 6 7 -> 3") << "it is checked out";
  ExpectNothingLeft();
}

TEST_F(DevTest, WhatLooksLikeASecretStays) {
  OnPrompt(kDo, {"echo A=1 > .env"});
  OnPrompt(kReview, {Answer(kClean)});
  EXPECT_EQ(Dev().end, "1 2 3 4 4 6 7 8 9 -> 1");
  ExpectNothingLeft();
}

TEST_F(DevTest, APlanHasOneToTenTasks) {
  OnPrompt(kPlan, {Say("- [x] It is done.")});
  EXPECT_EQ(Dev({"BRANCH=a"}).end, "1 2 3 -> 1");
  OnPrompt(kPlan,
           {"for i in 1 2 3 4 5 6 7 8 9 10 11; do echo '- [ ] x'; done"});
  EXPECT_EQ(Dev({"BRANCH=b"}).end, "1 2 3 -> 1");
  EXPECT_EQ(Asked(kDo), 0);
  OnPrompt(kPlan, {"for i in 1 2 3 4 5 6 7 8 9 10; do echo '- [ ] x'; done"});
  OnPrompt(kDo, {"true"});
  EXPECT_EQ(Dev({"BRANCH=c"}).end, "1 2 3 4 4 4 4 4 4 4 4 4 4 6 -> 1")
      << "nothing has changed";
  OnPrompt(kDo, {"true", "exit 7"});
  EXPECT_EQ(Dev({"BRANCH=d"}).end, "1 2 3 4 4 -> 7");
  ExpectNothingLeft();
}

TEST_F(DevTest, WhatCannotBeginIsSaidFirst) {
  Git({"branch", "taken"});
  const std::string before = State();
  EXPECT_EQ(RunPattern("dev2merge").end, "1 -> 125");
  EXPECT_EQ(Dev({"BRANCH=main"}).end, "1 -> 1");
  EXPECT_EQ(Dev({"BRANCH=taken"}).end, "1 -> 128");
  EXPECT_EQ(Dev({"BRANCH=a..b"}).end, "1 -> 128");
  EXPECT_EQ(Dev({"REMOTE=upstream"}).end, "1 -> 1");
  EXPECT_EQ(State(), before);
  EXPECT_EQ(Asked(kPlan), 0);
  Write("b", "b\n");
  EXPECT_EQ(Dev().end, "1 -> 1");
}

TEST_F(DevTest, AiReviewedCommitCommitsWhatIsClean) {
  Shell(
      "git switch --quiet --create feature; echo two >> a.txt; "
      "git add a.txt; echo b > b");
  const Outcome commit = RunPattern("ai-reviewed-commit");
  EXPECT_EQ(commit.end, "1 3 2 3 4 5 6 7 8 -> 0") << commit.log;
  EXPECT_EQ(FilesOfCommit(), "M\ta.txt\nA\tb");
  EXPECT_EQ(Git({"show", "HEAD:a.txt"}), "one\ntwo\nmended");
  EXPECT_EQ(Git({"log", "-1", "--format=%s"}), "Grow a.txt");
  EXPECT_THAT(OutputOf(commit, 8), EndsWith(" Grow a.txt\n"));
}

TEST_F(DevTest, AiReviewedCommitCommitsNothingElse) {
  Shell("echo two >> a.txt");
  EXPECT_EQ(RunPattern("ai-reviewed-commit").end, "1 -> 1");
  EXPECT_EQ(Asked(kReview), 0);
  Shell("git switch --quiet --create feature");
  const std::string before = State();
  const Outcome findings = RunPattern("ai-reviewed-commit", {"ROUNDS=1"});
  EXPECT_EQ(findings.end, "1 3 4 -> 1") << findings.log;
  OnPrompt(kReview, {"exit 1"});
  EXPECT_EQ(RunPattern("ai-reviewed-commit", {"ROUNDS=1"}).end, "1 3 4 -> 3");
  EXPECT_EQ(State(), before);
  ExpectNothingLeft();
}

}  // namespace
}  // namespace csa
