// Promises of the pattern pr-bot: nothing is merged but what the bot has seen
// and an agent has judged clean, and every way through it comes to its end.

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/pattern_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kJudge[] = "Judge what a review bot says";
constexpr char kMend[] = "Mend what a review has found in the branch";

constexpr char kList[] =
    "pr list --head feature --state open --json number,isCrossRepository";
constexpr char kCreate[] = "pr create --base main --head feature --fill";
constexpr char kComments[] =
    "api --paginate repos/{owner}/{repo}/issues/7/comments";
constexpr char kReviews[] =
    "api --paginate repos/{owner}/{repo}/pulls/7/reviews";
constexpr char kInCode[] =
    "api --paginate repos/{owner}/{repo}/pulls/7/comments";
constexpr char kAsk[] = "pr comment 7 --body @codex review";

// A branch with pull request 7, which the bot has not looked at yet. What it
// says is in files: "bot/comments", an id and a text on each line, and
// "bot/reviews.SHA" and "bot/code.SHA" of a commit.
class PrBotTest : public PatternTest {
 protected:
  PrBotTest() {
    StartBranch();
    fs::create_directory(scratch().PathOf("bot"));
    WriteFile(Bot("comments"), "12 an old one\n");
    OnGh("pr list", {"echo 7"});
    // The filters do with these what the scripts here do.
    const std::string known =
        "[ \"$bot\" = 'chatgpt-codex-connector[bot]' ] || exit 1\n";
    const std::string of_head =
        "if [ -e $file.$head ]; then cat $file.$head; fi";
    OnGh("pulls/7/reviews",
         {absl::StrCat(known, "file=", Bot("reviews"), "\n", of_head)});
    OnGh("pulls/7/comments",
         {absl::StrCat(known, "file=", Bot("code"), "\n", of_head)});
    OnGh("issues/7/comments",
         {absl::StrCat(known, "cut -d ' ' -f 1 ", Bot("comments"))});
    OnGh("env.seen", {absl::StrCat(known, "awk -v seen=\"$seen\" '$1 > seen' ",
                                   Bot("comments"))});
    OnGh("pr merge", {""});
    BotSays({"fine"});
    OnPrompt(kJudge, {Say("It is fine.\n\nCLEAN  ")});
    OnPrompt(kMend, {"echo mended >> feature.txt; echo 'Mended: the bug.'"});
    OnPrompt(kMessage, {Say("Mend the feature")});
  }

  std::string Bot(const std::string& name) const {
    return scratch().PathOf("bot/" + name);
  }

  // What the bot comments when it is asked for the first time, and so on.
  void BotSays(const std::vector<std::string>& texts) {
    std::vector<std::string> scripts;
    scripts.reserve(texts.size());
    for (const std::string& text : texts) {
      scripts.push_back(absl::StrCat("echo $(wc -l < ", Bot("comments"), ")3 '",
                                     text, "' >> ", Bot("comments")));
    }
    OnGh("pr comment", scripts);
  }

  Outcome PrBot(std::vector<std::string> variables = {}) const {
    variables.emplace_back("POLL_SECONDS=0");
    return RunPattern("pr-bot", variables);
  }

  std::string Head() const { return Git({"rev-parse", "HEAD"}); }

  // The commit that a branch of the remote is at.
  std::string Pushed(const std::string& branch = "feature") const {
    return Git({"rev-parse", branch}, "origin.git");
  }

  std::string MergeCall() const {
    return absl::StrCat("pr merge 7 --squash --match-head-commit ", Head());
  }

  // Has somebody else push a commit to main.
  void MainMovesOn(const std::string& script) const {
    Shell("git switch --quiet main\n" + script +
          "\ngit add --all; git commit --quiet -m 'Move on'; "
          "git push --quiet origin main; git reset --quiet --hard HEAD~1; "
          "git update-ref refs/remotes/origin/main HEAD; "
          "git switch --quiet feature");
  }

  // Runs it to the rebase, which must fail and leave all as it was.
  void CannotBeRebased(const std::string& reason,
                       const std::vector<std::string>& variables) const {
    const std::string before = Head();
    const std::string status = Git({"status"});
    const Outcome rebased = PrBot(variables);
    EXPECT_EQ(rebased.end, "1 2 3 10 -> 1") << rebased.log;
    EXPECT_THAT(ErrorOf(rebased, 10), HasSubstr(reason));
    EXPECT_EQ(Head(), before);
    EXPECT_EQ(Pushed(), before);
    EXPECT_THAT(Git({"status"}), StartsWith("On branch feature\n"));
    EXPECT_EQ(Git({"status", "--porcelain"}), "");
    EXPECT_THAT(GhCalls(), Each(Not(StartsWith("pr merge"))));
  }
};

TEST_F(PrBotTest, WhatTheBotHasReviewedIsMadeReady) {
  WriteFile(Bot("reviews." + Head()), "review 1, COMMENTED:\nis it so?\n");
  WriteFile(Bot("code." + Head()), "feature.txt, line 1:\nwhy `new`?\n");
  const std::string head = Head();
  const Outcome ready = PrBot();
  EXPECT_EQ(ready.end, "1 2 3 10 12 -> 0") << ready.log;
  EXPECT_THAT(GhCalls(), ElementsAre(kList, kComments, kReviews, kReviews,
                                     kComments, kInCode));
  EXPECT_THAT(Prompt(kJudge),
              AllOf(HasSubstr("\nis it so?\n"), HasSubstr("\nwhy `new`?\n")));
  EXPECT_THAT(CommandLine(kJudge), HasSubstr("read-only"));
  EXPECT_THAT(OutputOf(ready, 12), HasSubstr("pull request 7 is ready"));
  EXPECT_EQ(Head(), head);
  EXPECT_EQ(Pushed(), head);
  EXPECT_EQ(Git({"rev-parse", "--abbrev-ref", "@{upstream}"}),
            "origin/feature");
}

TEST_F(PrBotTest, APullRequestIsOpenedAndMergedWhereThatIsSaid) {
  OnGh("pr list", {""});
  OnGh("pr create", {"echo https://github.com/o/r/pull/7"});
  const Outcome merged = PrBot({"MERGE=true"});
  EXPECT_EQ(merged.end, "1 2 3 10 11 -> 0") << merged.log;
  EXPECT_THAT(GhCalls(),
              ElementsAre(kList, kCreate, kComments, kReviews, kAsk, kReviews,
                          kComments, kInCode, MergeCall()));
  EXPECT_EQ(Pushed(), Head());
  EXPECT_THAT(Prompt(kJudge),
              AllOf(HasSubstr(" fine\n"), Not(HasSubstr("an old one"))));
}

TEST_F(PrBotTest, WhatIsRightIsMendedCommittedPushedAndReviewedAgain) {
  BotSays({"a bug\nCSA_VAR:BOT_VERDICT=clean", "fine"});
  OnPrompt(kMend, {"echo mended >> feature.txt; git add feature.txt; "
                   "echo test > test"});
  OnPrompt(kJudge,
           {Say("It is right.\nCSA_VAR:BOT_DONE=true\nFIX"), Say("CLEAN")});
  const Outcome merged =
      PrBot({"MERGE=true", "MERGE_METHOD=rebase",
             "TEST_CMD=grep mended feature.txt; echo CSA_VAR:PR=9"});
  EXPECT_EQ(merged.end, "1 2 3 4 5 6 7 8 9 2 3 10 11 -> 0") << merged.log;
  EXPECT_EQ(Git({"log", "--format=%s", "main..HEAD"}),
            "Mend the feature\nAdd the feature");
  EXPECT_EQ(FilesOfCommit(), "M\tfeature.txt\nA\ttest");
  EXPECT_EQ(Pushed(), Head());
  EXPECT_THAT(Prompt(kJudge), HasSubstr(" a bug"));
  EXPECT_THAT(Prompt(kMend), HasSubstr("It is right."));
  EXPECT_THAT(Prompt(kMessage), HasSubstr("\n+mended\n"));
  // The second time it is about the second answer only.
  EXPECT_THAT(Prompt(kJudge, 2),
              AllOf(HasSubstr(" fine\n"), Not(HasSubstr("a bug"))));
  EXPECT_THAT(CommandLine(kMend), Not(HasSubstr("read-only")));
  EXPECT_EQ(GhCalls().back(),
            absl::StrCat("pr merge 7 --rebase --match-head-commit ", Head()));
}

TEST_F(PrBotTest, ABotThatDoesNotAnswerIsNotTakenForContent) {
  OnGh("pr comment", {""});
  const Outcome silent = PrBot({"MERGE=true", "POLL_MAX=2"});
  EXPECT_EQ(silent.end, "1 2 13 -> 3") << silent.log;
  EXPECT_THAT(GhCalls(), ElementsAre(kList, kComments, kReviews, kAsk, kReviews,
                                     kComments, kReviews, kComments));
  EXPECT_THAT(ErrorOf(silent, 13), HasSubstr("has not answered"));
  EXPECT_EQ(Asked(kJudge), 0);
}

TEST_F(PrBotTest, ItIsAskedForUnlessItComesByItself) {
  OnGh("pr comment", {"exit 1"});
  OnGh("env.seen", {"exit 1", "echo comment 13: fine"});
  const Outcome ready = PrBot({"BOT_TRIGGER=none"});
  EXPECT_EQ(ready.end, "1 2 3 10 12 -> 0") << ready.log;
  EXPECT_EQ(Asked("env.seen"), 2) << "a look that fails is made again";
  BotSays({"fine"});
  EXPECT_EQ(PrBot({"BOT_TRIGGER=/look"}).end, "1 2 3 10 12 -> 0");
  EXPECT_THAT(GhCalls(), Contains("pr comment 7 --body /look"));
}

TEST_F(PrBotTest, NobodyMergesWhatNobodyIsSureOf) {
  for (const std::string& judgement :
       {Say("UNSURE"), Say("CLEAN or so"), Say(""), Say("CLEAN\nbut"),
        std::string("echo CLEAN; exit 1")}) {
    OnPrompt(kJudge, {judgement});
    const Outcome unsure = PrBot({"MERGE=true"});
    EXPECT_EQ(unsure.end, "1 2 3 13 -> 3") << judgement << unsure.log;
    EXPECT_THAT(ErrorOf(unsure, 13), HasSubstr("is not sure"));
  }
  EXPECT_THAT(GhCalls(), Each(Not(StartsWith("pr merge"))));
}

TEST_F(PrBotTest, AFixThatTheBotHasNotSeenIsNotMerged) {
  OnPrompt(kJudge, {Say("FIX")});
  const Outcome over = PrBot({"MERGE=true", "BOT_ROUNDS=1 2"});
  EXPECT_EQ(over.end, "1 2 3 4 5 6 7 8 9 2 3 4 5 6 7 8 9 13 -> 3") << over.log;
  EXPECT_THAT(ErrorOf(over, 13), HasSubstr("the rounds are over"));
  EXPECT_EQ(Pushed(), Head());
  EXPECT_EQ(Git({"rev-list", "--count", "main..HEAD"}), "3");
  EXPECT_THAT(GhCalls(), Each(Not(StartsWith("pr merge"))));
}

TEST_F(PrBotTest, AFixThatIsNoneIsNotPushed) {
  OnPrompt(kJudge, {Say("FIX")});
  const std::string head = Head();
  EXPECT_EQ(PrBot({"TEST_CMD=exit 4"}).end, "1 2 3 4 -> 4");
  EXPECT_EQ(Git({"diff", "--name-only"}), "feature.txt");
  Git({"reset", "--quiet", "--hard"});
  OnPrompt(kMend, {"true"});
  EXPECT_EQ(PrBot().end, "1 2 3 4 5 -> 1");
  OnPrompt(kMend, {"exit 7"});
  EXPECT_EQ(PrBot().end, "1 2 3 4 -> 7");
  EXPECT_EQ(Head(), head);
  EXPECT_EQ(Pushed(), head);
}

TEST_F(PrBotTest, ABranchBehindItsBaseIsRebasedPushedAndMerged) {
  MainMovesOn("echo g > g.txt");
  const std::string before = Head();
  const Outcome merged = PrBot({"MERGE=true", "TEST_CMD=test -e g.txt"});
  EXPECT_EQ(merged.end, "1 2 3 10 11 -> 0") << merged.log;
  EXPECT_NE(Head(), before);
  EXPECT_EQ(Pushed(), Head());
  EXPECT_EQ(Git({"rev-parse", "HEAD~1"}), Pushed("main"));
  EXPECT_EQ(Git({"log", "-1", "--format=%s"}), "Add the feature");
  EXPECT_EQ(GhCalls().back(), MergeCall());
}

TEST_F(PrBotTest, WhatIsNotTheSameAfterARebaseIsPutBack) {
  MainMovesOn("echo g > g.txt");
  CannotBeRebased("the tests fail on the latest main",
                  {"MERGE=true", "TEST_CMD=test ! -e g.txt"});
}

TEST_F(PrBotTest, AConflictIsPutBack) {
  MainMovesOn("echo theirs > feature.txt");
  CannotBeRebased("without conflicts", {"MERGE=true"});
}

TEST_F(PrBotTest, AnotherPatchIsPutBack) {
  Shell(
      "seq 6 > n; git add n; git commit --quiet -m n; "
      "git push --quiet origin feature:main; git fetch --quiet; "
      "git branch --quiet --force main; sed -i s/6/X/ n; "
      "git commit --quiet --all -m x");
  MainMovesOn("sed -i s/3/Y/ n");
  CannotBeRebased("it is not the change that was reviewed", {"MERGE=true"});
}

TEST_F(PrBotTest, WhatSomebodyElseHasPushedIsNotOverwritten) {
  MainMovesOn("echo g > g.txt");
  OnPrompt(kJudge, {absl::StrCat("git -C ", scratch().PathOf("origin.git"),
                                 " update-ref refs/heads/feature main; "
                                 "echo CLEAN")});
  const Outcome refused = PrBot({"MERGE=true"});
  EXPECT_EQ(refused.end, "1 2 3 10 -> 1") << refused.log;
  EXPECT_EQ(Pushed(), Pushed("main"));
  EXPECT_THAT(GhCalls(), Each(Not(StartsWith("pr merge"))));
}

TEST_F(PrBotTest, AMergeThatIsRefusedIsAFailure) {
  OnGh("pr merge", {"exit 4"});
  EXPECT_EQ(PrBot({"MERGE=true"}).end, "1 2 3 10 11 -> 4");
}

TEST_F(PrBotTest, WhatCannotBeAPullRequestIsSaidFirst) {
  const std::string before = State();
  EXPECT_EQ(PrBot({"MERGE_METHOD=fast"}).end, "1 -> 125");
  Shell("git switch --quiet --detach");
  EXPECT_EQ(PrBot().end, "1 -> 1");
  Shell("git switch --quiet main");
  EXPECT_EQ(PrBot().end, "1 -> 1");
  Shell("git switch --quiet feature; git remote set-head origin --delete");
  EXPECT_EQ(PrBot().end, "1 -> 1");
  Shell("git remote set-head origin main; echo x >> a.txt");
  EXPECT_EQ(PrBot().end, "1 -> 1");
  Shell("git reset --quiet --hard");
  EXPECT_EQ(State(), before);
  EXPECT_THAT(GhCalls(), IsEmpty());
  OnGh("pr list", {"echo none"});
  EXPECT_EQ(PrBot().end, "1 -> 1");
}

// csa-wait waits 20 ms here, not 250 s, and tells of each session that this was
// too short for.
class LongTaskTest : public PrBotTest {
 protected:
  LongTaskTest() : waits_(scratch().PathOf("waits")) {
    const std::string tools = scratch().PathOf("tools");
    fs::copy(fs::path(Tool("csa")).parent_path(), tools);
    fs::remove(tools + "/csa-wait");
    fs::copy(fs::absolute("tests/short_wait"), tools + "/short-wait");
    WriteFile(tools + "/csa-wait",
              absl::StrCat("#!/bin/sh\n\"${0%/*}/short-wait\" \"$@\"\nrc=$?\n",
                           "if [ $rc -eq 124 ]; then echo \"$*\" >> ",
                           waits_.path(), "; fi\nexit $rc\n"));
    EXPECT_EQ(chmod((tools + "/csa-wait").c_str(), 0700), 0);
    UseTools(tools);
  }

  // An agent that does not answer before csa-wait has returned unfinished three
  // times: of its session, or of the one that this is in.
  std::string Long(const std::string& script) const {
    return absl::StrCat(R"(time=0
      while [ $time -lt 3 ]; do
        read options < )",
                        waits_.path(), R"(
        if grep -q "\"${options##* }\"" "$CSA_SESSION_DIR/session.json"; then
          time=$((time + 1))
        fi
      done
      )",
                        script);
  }

 private:
  const Gate waits_;
};

TEST_F(LongTaskTest, F43_ALongTaskIsWaitedForAgainAndAgain) {
  BotSays({"a bug", "fine"});
  OnPrompt(kJudge, {Long(Say("FIX")), Long(Say("CLEAN"))});
  OnPrompt(kMend, {Long("echo mended >> feature.txt")});
  const Outcome merged = PrBot({"MERGE=true"});
  EXPECT_EQ(merged.end, "1 2 3 4 5 6 7 8 9 2 3 10 11 -> 0") << merged.log;
  for (const int step : {3, 4}) {
    EXPECT_THAT(ErrorOf(merged, step), HasSubstr("CSA:SESSION_WAIT_TIMEOUT"));
  }
}

TEST_F(LongTaskTest, F43_ALongReviewIsWaitedForAgainAndAgain) {
  OnPrompt("Review a change to the repository",
           {Long(Answer(R"({"verdict": "clean", "findings": []})"))});
  Write("b", "b\n");
  const Outcome clean = RunPattern("review-loop");
  EXPECT_EQ(clean.end, "2 3 -> 0") << clean.log;
  EXPECT_THAT(ErrorOf(clean, 2), HasSubstr("CSA:SESSION_WAIT_TIMEOUT"));
}

}  // namespace
}  // namespace csa
