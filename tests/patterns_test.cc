// Promises of the patterns commit, review-loop, debate and mktd: each runs to
// its end, on every way through it, and touches nothing but what it says.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/pattern_test.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kMend[] = "Mend what a test or a review has found";
constexpr char kPropose[] = "who criticises what you";
constexpr char kCriticise[] = "you criticise what it";

constexpr char kUncertain[] =
    R"({"verdict": "uncertain", "findings": [], "summary": "too hard"})";
constexpr char kAgreed[] =
    R"({"agreement": true, "decision": "tabs", "confidence": "high", )"
    R"("key_points": ["short"], "open_questions": []})";
constexpr char kOpen[] =
    R"({"agreement": false, "decision": "", "confidence": "low", )"
    R"("key_points": [], "open_questions": ["who counts?"]})";

class CommitTest : public PatternTest {
 protected:
  CommitTest() {
    Git({"switch", "--quiet", "--create", "feature"});
    OnPrompt(kMessage, {Say("Add two")});
  }

  // Runs the pattern, which must end in this way and leave all as it is.
  Outcome Refused(const std::string& end,
                  const std::vector<std::string>& variables = {}) {
    const std::string before = State();
    Outcome refused = RunPattern("commit", variables);
    EXPECT_EQ(refused.end, end) << refused.log;
    EXPECT_EQ(State(), before);
    return refused;
  }
};

TEST_F(CommitTest, WhatIsStagedIsCommittedAndNothingElse) {
  OnPrompt(kMessage, {Say("\n```\nAdd two\n\nOne was not enough.\n```")});
  Shell("echo two >> a.txt; git add a.txt; echo three >> a.txt; echo b > b");
  const Outcome commit = RunPattern("commit");
  EXPECT_EQ(commit.end, "1 2 3 4 -> 0") << commit.log;
  EXPECT_EQ(Git({"log", "-1", "--format=%B"}),
            "Add two\n\nOne was not enough.\n");
  EXPECT_EQ(FilesOfCommit(), "M\ta.txt");
  EXPECT_EQ(Git({"show", "HEAD:a.txt"}), "one\ntwo");
  EXPECT_EQ(Git({"status", "--porcelain"}), " M a.txt\n?? b");
  EXPECT_EQ(Git({"log", "--format=%an", "-1"}), "somebody");
  EXPECT_THAT(Prompt(kMessage),
              AllOf(HasSubstr("\n  Add a\n"), HasSubstr("\n+two\n"),
                    Not(HasSubstr("+three"))));
  EXPECT_THAT(OutputOf(commit, 4), EndsWith(" Add two\n"));
}

TEST_F(CommitTest, WhereNothingIsStagedAllIs) {
  Shell("mkdir d; echo b > 'd/b c'; rm a.txt");
  const Outcome commit = RunPattern("commit");
  EXPECT_EQ(commit.end, "1 2 3 4 -> 0") << commit.log;
  EXPECT_EQ(FilesOfCommit(), "D\ta.txt\nA\td/b c");
  EXPECT_EQ(Git({"status", "--porcelain"}), "");
  // And where that is asked for.
  Shell("echo x > x; git add x; echo y > y");
  EXPECT_EQ(RunPattern("commit", {"STAGE=all"}).end, "1 2 3 4 -> 0");
  EXPECT_EQ(FilesOfCommit(), "A\tx\nA\ty");
  EXPECT_EQ(Git({"rev-list", "--count", "main..HEAD"}), "2");
}

TEST_F(CommitTest, TheDefaultBranchIsLeftAlone) {
  Shell("git switch --quiet main; echo two >> a.txt");
  EXPECT_THAT(ErrorOf(Refused("1 -> 1"), 1),
              HasSubstr("main is the default branch"));
  // One by another name, which only the remote knows to be it.
  Shell(
      "git switch --quiet --create trunk; git push --quiet origin trunk; "
      "git remote set-head origin trunk");
  EXPECT_THAT(ErrorOf(Refused("1 -> 1"), 1),
              HasSubstr("trunk is the default branch"));
  EXPECT_EQ(Asked(kMessage), 0);
  const Outcome allowed = RunPattern("commit", {"ALLOW_DEFAULT_BRANCH=true"});
  EXPECT_EQ(allowed.end, "1 2 3 4 -> 0") << allowed.log;
  EXPECT_EQ(FilesOfCommit(), "M\ta.txt");
}

TEST_F(CommitTest, WhatCannotBeCommittedIsSaidFirst) {
  EXPECT_THAT(ErrorOf(Refused("1 -> 1"), 1), HasSubstr("nothing to commit"));
  Shell("git switch --quiet --detach; echo two >> a.txt");
  EXPECT_THAT(ErrorOf(Refused("1 -> 1"), 1), HasSubstr("HEAD is detached"));
  Shell(
      "git switch --quiet feature; git commit --quiet --all -m two; "
      "git switch --quiet --create other main; echo 2 >> a.txt; "
      "git commit --quiet --all -m 2; ! git merge --quiet feature");
  EXPECT_THAT(ErrorOf(Refused("1 -> 1"), 1), HasSubstr("there are conflicts"));
  EXPECT_EQ(Asked(kMessage), 0);
}

TEST_F(CommitTest, SecretsAreNotCommitted) {
  const std::vector<std::pair<std::string, std::string>> secrets = {
      {".env", "A=1"},
      {".env.staging", "A=1"},
      {"settings", "export DB_PASSWORD=hunter2hunter2"},
      {"d/id_rsa", "x"},
      {"d/key.pem", "x"},
      {"b c.txt", "password = \"hunter2hunter2\""},
      {"c.txt", absl::StrCat("AKI", "A0123456789ABCDEF")},
      {"d.txt", absl::StrCat("-----BEGIN RSA ", "PRIVATE KEY-----")}};
  Shell("echo two >> a.txt; git add a.txt; echo three >> a.txt");
  for (const auto& [name, content] : secrets) {
    Write(name, content + "\n");
    const Outcome refused = Refused("1 2 -> 1", {"STAGE=all"});
    EXPECT_THAT(ErrorOf(refused, 2), EndsWith(":\n  " + name + "\n"));
    EXPECT_THAT(OutputOf(refused, 2), IsEmpty());
    Shell(absl::StrCat("rm '", name, "'"));
  }
  EXPECT_EQ(Asked(kMessage), 0);
}

TEST_F(CommitTest, WhatOnlyLooksLikeASecretIsNone) {
  // A line that goes is no secret that is added.
  Shell(
      "echo 'token = \"0123456789abcdef\"' > b; git add b; "
      "git commit --quiet -m b; echo 'token = getenv(\"T\")' > b; "
      "echo 'DB_PASSWORD=change-me' > .env.example");
  const Outcome harmless = RunPattern("commit");
  EXPECT_EQ(harmless.end, "1 2 3 4 -> 0") << harmless.log;
  Write(".env", "A=1\n");
  const Outcome allowed = RunPattern("commit", {"ALLOW_SECRETS=true"});
  EXPECT_EQ(allowed.end, "1 2 3 4 -> 0") << allowed.log;
  EXPECT_EQ(FilesOfCommit(), "A\t.env");
}

TEST_F(CommitTest, OnlyWhatWasSearchedIsCommitted) {
  Shell("echo two >> a.txt; git add a.txt");
  OnPrompt(kMessage, {"echo b > b; git add b; echo 'Add two'"});
  const std::string head = Git({"rev-parse", "HEAD"});
  const Outcome changed = RunPattern("commit");
  EXPECT_EQ(changed.end, "1 2 3 4 -> 1") << changed.log;
  EXPECT_THAT(ErrorOf(changed, 4), HasSubstr("has changed"));
  EXPECT_EQ(Git({"rev-parse", "HEAD"}), head);
}

TEST_F(CommitTest, WithoutASubjectThereIsNoCommit) {
  Shell("echo two >> a.txt; git add a.txt");
  for (const std::string& message :
       {std::string(), std::string("```\n\n```"), std::string(101, 'x')}) {
    OnPrompt(kMessage, {Say(message)});
    EXPECT_THAT(ErrorOf(Refused("1 2 3 4 -> 1"), 4), HasSubstr("a subject"));
  }
  OnPrompt(kMessage, {"echo 'Add two'; exit 7"});
  Refused("1 2 3 -> 7");
  OnPrompt(kMessage, {Say(std::string(100, 'x'))});
  EXPECT_EQ(RunPattern("commit").end, "1 2 3 4 -> 0");
}

class ReviewLoopTest : public PatternTest {
 protected:
  ReviewLoopTest() {
    Shell(
        "git switch --quiet --create feature; echo two >> a.txt; "
        "git add a.txt; echo b > b");
    OnPrompt(kMend, {"echo mended >> a.txt; echo 'The leak: mended.'"});
  }

  // How the loop ends where the reviewers answer so.
  Outcome Loop(const std::vector<std::string>& verdicts,
               const std::vector<std::string>& variables = {}) {
    std::vector<std::string> scripts;
    scripts.reserve(verdicts.size());
    for (const std::string& verdict : verdicts) {
      scripts.push_back(Answer(verdict));
    }
    OnPrompt(kReview, scripts);
    return RunPattern("review-loop", variables);
  }
};

TEST_F(ReviewLoopTest, ACleanReviewEndsIt) {
  const std::string before = State();
  const Outcome clean = Loop({kClean});
  EXPECT_EQ(clean.end, "2 3 -> 0") << clean.log;
  EXPECT_EQ(Asked(kMend), 0);
  EXPECT_EQ(State(), before);
  EXPECT_THAT(Prompt(kReview), AllOf(HasSubstr("+two"), HasSubstr("+b")));
  EXPECT_EQ(OutputOf(clean, 3), "the last verdict is: clean\n");
}

TEST_F(ReviewLoopTest, WhatIsFoundIsMendedAndReviewedAgain) {
  const std::string before = State();
  const Outcome mended = Loop({kBug, kClean});
  EXPECT_EQ(mended.end, "2 1 2 3 -> 0") << mended.log;
  EXPECT_THAT(Prompt(kMend), HasSubstr("it leaks"));
  EXPECT_THAT(Prompt(kReview, 2), HasSubstr("+mended"));
  EXPECT_EQ(ReadInProject("a.txt"), "one\ntwo\nmended\n");
  // Neither staged nor committed.
  EXPECT_EQ(Git({"diff", "--cached", "--name-only"}), "a.txt");
  EXPECT_EQ(Git({"show", ":a.txt"}), "one\ntwo");
  EXPECT_EQ(Git({"rev-list", "--count", "HEAD"}), "1");
}

TEST_F(ReviewLoopTest, ItHasAnEnd) {
  const Outcome findings = Loop({kBug});
  EXPECT_EQ(findings.end, "2 1 2 1 2 3 -> 1") << findings.log;
  EXPECT_EQ(Loop({kBug}, {"ROUNDS=1"}).end, "2 3 -> 1");
  EXPECT_EQ(Loop({kBug, kBug, kBug, kBug, kClean}, {"ROUNDS=a b c d e"}).end,
            "2 1 2 1 2 1 2 1 2 3 -> 0");
}

TEST_F(ReviewLoopTest, F41_UncertainIsNeverClean) {
  for (const char* none : {kUncertain, R"({"verdict": "clean")", "clean"}) {
    const Outcome uncertain = Loop({none});
    EXPECT_EQ(uncertain.end, "2 2 2 3 -> 3") << none << uncertain.log;
  }
  EXPECT_EQ(Loop({kUncertain, kClean}).end, "2 2 3 -> 0");
  EXPECT_EQ(Asked(kMend), 0);
  OnPrompt(kReview, {Answer(kClean) + "exit 1"});
  EXPECT_EQ(RunPattern("review-loop", {"ROUNDS=1"}).end, "2 3 -> 3");
}

TEST_F(ReviewLoopTest, TestsThatFailAreAFinding) {
  OnPrompt(kMend, {"rm broken"});
  Write("broken", "");
  const std::string tests = "TEST_CMD=echo so; test ! -e broken";
  const Outcome mended = Loop({kClean}, {tests});
  EXPECT_EQ(mended.end, "2 1 2 3 -> 0") << mended.log;
  EXPECT_EQ(Asked(kReview), 1);
  EXPECT_THAT(Prompt(kMend), HasSubstr("The tests fail."));
  EXPECT_THAT(Prompt(kMend), HasSubstr("\n    so\n"));
}

TEST_F(ReviewLoopTest, AMenderThatFailsEndsIt) {
  OnPrompt(kMend, {"exit 7"});
  EXPECT_EQ(Loop({kBug, kClean}).end, "2 1 -> 7");
}

TEST_F(ReviewLoopTest, NothingIsNoChange) {
  Shell("git reset --quiet --hard; rm b");
  const Outcome nothing = Loop({kClean});
  EXPECT_EQ(nothing.end, "2 -> 1") << nothing.log;
  EXPECT_THAT(ErrorOf(nothing, 2), HasSubstr("nothing has changed"));
  EXPECT_EQ(Asked(kReview), 0);
}

TEST_F(ReviewLoopTest, TheReviewerCanBeNamed) {
  for (const std::string name : {"codex", "claude"}) {
    EXPECT_EQ(Loop({kClean}, {"REVIEWER=" + name}).end, "2 3 -> 0");
    EXPECT_THAT(CommandLine(kReview), StartsWith(name + " "));
  }
}

class DebatePatternTest : public PatternTest {
 protected:
  DebatePatternTest() {
    OnPrompt(kPropose, {Say("I propose tabs.")});
    OnPrompt(kCriticise, {Answer(kAgreed)});
    OnPrompt(kSettle, {Say("Count them.\nCSA_VAR:OUT=x")});
  }

  static constexpr char kSettle[] = "Two agents have debated a question";
};

TEST_F(DebatePatternTest, WhatIsDecidedIsWrittenDown) {
  const std::string before = State();
  const Outcome decided = RunPattern(
      "debate", {"QUESTION=tabs or spaces?", "OUT=docs/new/tabs.md"});
  EXPECT_EQ(decided.end, "1 2 -> 0") << decided.log;
  EXPECT_THAT(ReadInProject("docs/new/tabs.md"),
              AllOf(StartsWith("# Question\n\ntabs or spaces?\n\n# Decision\n"
                               "\ndecided, confidence high"),
                    HasSubstr("\n\ntabs\n"), Not(HasSubstr("CSA_VAR"))));
  EXPECT_THAT(OutputOf(decided, 2), HasSubstr("\n\ntabs\n"));
  EXPECT_EQ(State(), before + "?? docs/new/tabs.md\n");
  const Outcome again = RunPattern(
      "debate", {"QUESTION=spaces or tabs?", "OUT=docs/new/tabs.md"});
  EXPECT_EQ(again.end, "1 -> 1");
  EXPECT_THAT(ReadInProject("docs/new/tabs.md"), HasSubstr("tabs or spaces?"));
}

TEST_F(DebatePatternTest, WhatIsNotDecidedIsLeftToAPerson) {
  const std::string before = State();
  OnPrompt(kCriticise, {Answer(kOpen)});
  const Outcome open =
      RunPattern("debate", {"QUESTION=tabs or spaces?", "OUT=tabs.md"});
  EXPECT_EQ(open.end, "1 3 4 -> 3") << open.log;
  EXPECT_EQ(Asked(kPropose), 3);
  EXPECT_THAT(Prompt(kSettle), AllOf(HasSubstr("\ntabs or spaces?\n"),
                                     HasSubstr("who counts?")));
  EXPECT_EQ(OutputOf(open, 4), "Count them.\n CSA_VAR:OUT=x\n");
  EXPECT_EQ(State(), before);
  OnPrompt(kCriticise, {"exit 1"});
  EXPECT_EQ(RunPattern("debate", {"QUESTION=why?"}).end, "1 3 4 -> 3");
  OnPrompt(kCriticise, {Answer(kOpen)});
  OnPrompt(kPropose, {"echo tabs"});
  EXPECT_EQ(RunPattern("debate", {"QUESTION=why?", "DEBATE_ROUNDS=1"}).end,
            "1 3 4 -> 3");
  EXPECT_EQ(Asked(kPropose), 1);
}

TEST_F(DebatePatternTest, TheDebatersCanBeNamed) {
  const Outcome debate = RunPattern(
      "debate", {"QUESTION=why?", "PROPOSER=claude", "CRITIC=codex"});
  EXPECT_EQ(debate.end, "1 2 -> 0") << debate.log;
  EXPECT_THAT(CommandLine(kPropose), StartsWith("claude "));
  EXPECT_THAT(CommandLine(kCriticise), StartsWith("codex "));
}

TEST_F(DebatePatternTest, WhatIsWrongWithItIsSaidFirst) {
  EXPECT_EQ(RunPattern("debate").end, "1 -> 125");
  EXPECT_EQ(RunPattern("debate", {"QUESTION=?", "DEBATE_ROUNDS=11"}).end,
            "1 -> 125");
  EXPECT_EQ(
      RunPattern("debate", {"QUESTION=?", "PROPOSER=codex", "CRITIC=codex"})
          .end,
      "1 -> 125");
  EXPECT_EQ(Asked(kPropose), 0);
}

class MktdTest : public PatternTest {
 protected:
  MktdTest() {
    OnPrompt(kResearch, {Say("a.txt has one line.")});
    OnPrompt(kDraft, {Say("# More\n\n- [ ] Add two")});
    OnPrompt(kRevise, {Say("Here it is:\n\n# Much more\n\n- [ ] Add two\n"
                           "  - [ ] Add three")});
    OnPrompt(kPropose, {Say("It should be three.")});
    OnPrompt(kCriticise, {Answer(kAgreed)});
  }

  static constexpr char kResearch[] = "Research what there is for a task";
  static constexpr char kDraft[] = "Draft a plan for a task";
  static constexpr char kRevise[] = "Revise the draft of a plan";
};

TEST_F(MktdTest, APlanIsResearchedDraftedDebatedRevisedAndSaved) {
  const std::string before = State();
  const Outcome plan = RunPattern("mktd", {"TASK=grow a.txt"});
  EXPECT_EQ(plan.end, "1 2 3 4 5 6 -> 0") << plan.log;
  EXPECT_EQ(ReadInProject("todo/plan.md"),
            "# Much more\n\n- [ ] Add two\n  - [ ] Add three\n");
  EXPECT_EQ(OutputOf(plan, 6), "todo/plan.md has the plan, with 2 tasks\n");
  EXPECT_EQ(State(), before + "?? todo/plan.md\n");
  EXPECT_THAT(Prompt(kResearch), EndsWith("\ngrow a.txt\n"));
  EXPECT_THAT(Prompt(kDraft), HasSubstr("a.txt has one line."));
  EXPECT_THAT(Prompt(kPropose), AllOf(HasSubstr("\ngrow a.txt\n"),
                                      HasSubstr("\n- [ ] Add two\n")));
  EXPECT_THAT(Prompt(kRevise), AllOf(HasSubstr("\n- [ ] Add two\n"),
                                     HasSubstr("decided, confidence high")));
}

TEST_F(MktdTest, ADebateThatIsOpenIsNoFailure) {
  OnPrompt(kCriticise, {Answer(kOpen)});
  const Outcome open =
      RunPattern("mktd", {"TASK=grow", "PLAN_FILE=p", "DEBATE_ROUNDS=1"});
  EXPECT_EQ(open.end, "1 2 3 4 5 6 -> 0") << open.log;
  EXPECT_THAT(Prompt(kRevise), HasSubstr("who counts?"));
  EXPECT_THAT(ReadInProject("p"), StartsWith("# Much more\n"));
  EXPECT_EQ(Asked(kPropose), 1);
}

TEST_F(MktdTest, WithoutADebateTheDraftIsSaved) {
  OnPrompt(kDraft, {Say("```markdown\n# More\n\n- [ ] Add two\n```")});
  const Outcome draft = RunPattern("mktd", {"TASK=grow", "DEBATE=false"});
  EXPECT_EQ(draft.end, "1 2 3 6 -> 0") << draft.log;
  EXPECT_EQ(ReadInProject("todo/plan.md"), "# More\n\n- [ ] Add two\n\n");
}

TEST_F(MktdTest, WhatIsNoPlanIsNotSaved) {
  const std::string before = State();
  for (const char* none :
       {"- [ ] Add two", "# More\n\n- Add two", "# Done\n\n- [x] Add two"}) {
    OnPrompt(kDraft, {Say(none)});
    EXPECT_EQ(RunPattern("mktd", {"TASK=grow", "DEBATE=false"}).end,
              "1 2 3 6 -> 1");
  }
  OnPrompt(kDraft, {"exit 7"});
  EXPECT_EQ(RunPattern("mktd", {"TASK=grow"}).end, "1 2 3 -> 7");
  EXPECT_EQ(State(), before);
}

TEST_F(MktdTest, APlanIsOverwrittenOnlyWhereThatIsSaid) {
  EXPECT_EQ(RunPattern("mktd").end, "1 -> 125");
  Write("todo/plan.md", "mine\n");
  EXPECT_EQ(RunPattern("mktd", {"TASK=grow"}).end, "1 -> 1");
  EXPECT_EQ(ReadInProject("todo/plan.md"), "mine\n");
  EXPECT_EQ(Asked(kResearch), 0);
  const Outcome over =
      RunPattern("mktd", {"TASK=grow", "OVERWRITE=true", "DEBATE=false"});
  EXPECT_EQ(over.end, "1 2 3 6 -> 0") << over.log;
  EXPECT_EQ(ReadInProject("todo/plan.md"), "# More\n\n- [ ] Add two\n");
}

}  // namespace
}  // namespace csa
