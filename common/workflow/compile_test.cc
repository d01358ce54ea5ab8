#include "common/workflow/compile.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/repeat.h"
#include "common/workflow/workflow_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// By what an INCLUDE says, which is also their name.
using Files = std::map<std::string, std::string>;

// A pattern whose lines from the fourth on are `text`.
std::string PatternOf(absl::string_view text) {
  return absl::StrCat("---\nname = \"x\"\n---\n", text);
}

struct Compiled {
  Workflow workflow;
  std::vector<std::string> faults;  // "FILE:LINE:COLUMN: error: MESSAGE"
};

Compiled Compile(absl::string_view text, const Files& files = {}) {
  Compiled compiled;
  Diagnostics diagnostics;
  compiled.workflow = CompilePattern(
      {"top", PatternOf(text)},
      [&](absl::string_view,
          absl::string_view reference) -> absl::StatusOr<SourceFile> {
        const auto file = files.find(std::string(reference));
        if (file == files.end()) return absl::NotFoundError("it is not there");
        return SourceFile{file->first, PatternOf(file->second)};
      },
      diagnostics);
  for (const Diagnostic& fault : diagnostics.list()) {
    const std::string shown = FormatDiagnostic(fault);
    compiled.faults.push_back(shown.substr(0, shown.find('\n')));
  }
  return compiled;
}

// The workflow of what nothing is wrong with, and which its file tells of.
Workflow Good(absl::string_view text, const Files& files = {}) {
  Compiled compiled = Compile(text, files);
  EXPECT_THAT(compiled.faults, IsEmpty()) << text;
  const absl::StatusOr<Workflow> again =
      ParseWorkflow(FormatWorkflow(compiled.workflow));
  EXPECT_TRUE(again.ok() && *again == compiled.workflow)
      << again.status() << "\n"
      << text;
  return std::move(compiled.workflow);
}

std::vector<std::string> FaultsOf(absl::string_view text,
                                  const Files& files = {}) {
  return Compile(text, files).faults;
}

std::string Render(const Block& block) {
  return block.kind == Block::Kind::kFor
             ? absl::StrCat("for ", block.number, " ", block.variable, " in ",
                            block.collection, " ", block.max_iterations)
             : absl::StrCat(block.kind == Block::Kind::kIf ? "if " : "else ",
                            block.number, " ",
                            FormatCondition(block.condition));
}

// "ID TITLE: BLOCK, BLOCK" of each step.
std::vector<std::string> StepsOf(const Workflow& workflow) {
  std::vector<std::string> steps;
  for (const Step& step : workflow.steps) {
    steps.push_back(
        absl::StrCat(step.id, " ", step.title, ": ",
                     absl::StrJoin(step.blocks, ", ",
                                   [](std::string* out, const Block& block) {
                                     absl::StrAppend(out, Render(block));
                                   })));
  }
  return steps;
}

TEST(CompilePattern, AStepHasWhatItsHintsSay) {
  const Workflow workflow = Good(
      "## Step 7: Look\nTool: bash\nTier: ${T}\nOnFail: retry 2\n"
      "Session: ${S}\nTimeout: 1m\n\nls ${A}\n## Ask\nDo it.");
  EXPECT_EQ(workflow.name, "x");
  ASSERT_THAT(workflow.steps, SizeIs(2));
  EXPECT_EQ(workflow.steps[0],
            (Step{.id = 1,
                  .title = "Look",
                  .tool = "bash",
                  .prompt = "ls ${A}",
                  .tier = "${T}",
                  .on_fail = {FailAction::Kind::kRetry, 2, ""},
                  .session = "${S}",
                  .timeout = absl::Minutes(1)}));
  EXPECT_EQ(workflow.steps[1],
            (Step{.id = 2, .title = "Ask", .prompt = "Do it."}));
  EXPECT_THAT(workflow.variables, SizeIs(3));
}

TEST(CompilePattern, TakesNameAndTierFromTheFrontmatter) {
  Diagnostics diagnostics;
  const auto load = [](absl::string_view,
                       absl::string_view) -> absl::StatusOr<SourceFile> {
    return SourceFile{
        "b", "---\nname = \"b\"\ntier = \"low\"\n---\n## D\nTool: csa\n\nx"};
  };
  const Workflow workflow = CompilePattern(
      {"p",
       "---\nname = \"x\"\ndescription = \"d\"\nversion = \"2\"\n"
       "tier = \"high\"\n---\n## A\nTool: csa\n\nx\n## B\nTool: codex\n\nx\n"
       "## C\nTool: csa\nTier: own\n\nx\n## INCLUDE b\n## E\nTool: csa\n\nx\n"},
      load, diagnostics);
  EXPECT_THAT(diagnostics.list(), IsEmpty());
  EXPECT_EQ(workflow.name, "x");
  EXPECT_EQ(workflow.description, "d");
  EXPECT_EQ(workflow.version, "2");
  std::vector<std::string> tiers;
  for (const Step& step : workflow.steps) tiers.push_back(step.tier);
  EXPECT_THAT(tiers, ElementsAre("high", "", "own", "low", "high"));
}

TEST(CompilePattern, BlocksStandInOneAnother) {
  EXPECT_THAT(
      StepsOf(Good("## A\n## IF ${X} == \"1\" || ${Y}\n## B\n"
                   "## FOR x IN ${L}\n## C\n## IF !${x}\n## D\n## ELSE\n## E\n"
                   "## ENDIF\n## ENDFOR\n## ELSE\n## F\n## ENDIF\n## G\n")),
      ElementsAre("1 A: ", "2 B: if 1 ${X} == \"1\" || ${Y}",
                  "3 C: if 1 ${X} == \"1\" || ${Y}, for 2 x in ${L} 10",
                  "4 D: if 1 ${X} == \"1\" || ${Y}, for 2 x in ${L} 10, "
                  "if 3 !${x}",
                  "5 E: if 1 ${X} == \"1\" || ${Y}, for 2 x in ${L} 10, "
                  "else 3 !!${x}",
                  "6 F: else 1 !(${X} == \"1\" || ${Y})", "7 G: "));
}

TEST(CompilePattern, BlocksThatAskTheSameAreTwo) {
  EXPECT_THAT(
      StepsOf(Good("## IF ${X}\n## A\n## ENDIF\n## IF ${X}\n## B\n"
                   "## ELSE\n## C\n## ENDIF\n")),
      ElementsAre("1 A: if 1 ${X}", "2 B: if 2 ${X}", "3 C: else 2 !${X}"));
  EXPECT_THAT(StepsOf(Good("## IF ${X}\n## ELSE\n## A\n## ENDIF\n## B")),
              ElementsAre("1 A: else 1 !${X}", "2 B: "));
}

TEST(CompilePattern, AConditionOfItsOwnIsTheInnermostBlock) {
  EXPECT_THAT(StepsOf(Good("## FOR x IN a b\n## A\nCondition: ${x} != \"a\"\n"
                           "## B\nCondition: ${Y}\n## C\n## ENDFOR\n")),
              ElementsAre("1 A: for 1 x in a b 10, if 2 ${x} != \"a\"",
                          "2 B: for 1 x in a b 10, if 3 ${Y}",
                          "3 C: for 1 x in a b 10"));
}

TEST(CompilePattern, MaxIterationsIsOfTheWholeLoop) {
  EXPECT_THAT(
      StepsOf(Good("## FOR x IN ${L}\n## A\n## IF ${x}\n## B\n"
                   "MaxIterations: 3\n## FOR y IN ${x}\n## C\n"
                   "MaxIterations: 50\n## ENDFOR\n## ENDIF\n## ENDFOR\n")),
      ElementsAre("1 A: for 1 x in ${L} 3", "2 B: for 1 x in ${L} 3, if 2 ${x}",
                  "3 C: for 1 x in ${L} 3, if 2 ${x}, for 3 y in ${x} 50"));
  EXPECT_THAT(StepsOf(Good("## FOR x IN ${L}\n## A\nMaxIterations: 4\n## B\n"
                           "MaxIterations: 4\n## ENDFOR\n")),
              ElementsAre("1 A: for 1 x in ${L} 4", "2 B: for 1 x in ${L} 4"));
}

TEST(CompilePattern, WarnsOfMaxIterationsThatDoesNotHold) {
  const Compiled compiled = Compile(
      "## FOR x IN ${L}\n## A\nMaxIterations: 4\n## B\n"
      "MaxIterations: 5\n## ENDFOR\n## C\nMaxIterations: 2\n");
  EXPECT_THAT(compiled.faults,
              ElementsAre("top:7:1: warning: MaxIterations of the same FOR is "
                          "4 in a step before, and that holds",
                          "top:10:1: warning: MaxIterations means nothing "
                          "here: the step stands in no FOR"));
  EXPECT_EQ(StepsOf(compiled.workflow)[1], "2 B: for 1 x in ${L} 4");
}

TEST(CompilePattern, SaysWhereALoopMakesNoSense) {
  EXPECT_THAT(FaultsOf("## FOR x IN a\n## IF ${x}\n## FOR x IN b\n## C\n"
                       "## ENDFOR\n## ENDIF\n## ENDFOR\n"),
              ElementsAre("top:6:1: error: a loop around this one has the same "
                          "variable"));
  EXPECT_THAT(FaultsOf("## FOR x IN a\n## ENDFOR\n## FOR x IN a\n## B\n"
                       "## ENDFOR"),
              ElementsAre("top:4:1: warning: there is no step in this loop"));
}

TEST(CompilePattern, SaysThatThereIsNothingToDo) {
  EXPECT_THAT(
      FaultsOf("Only prose.\n"),
      ElementsAre("top:1:1: warning: there is no step in this pattern"));
}

TEST(CompilePattern, FindsVariablesAndDependencies) {
  const Workflow workflow = Good(
      "## A\nTool: bash\n\necho ${A:-1}\n## FOR x IN ${STEP_1_OUTPUT}\n"
      "## B\nTool: csa\n\n${x} ${B}\n## ENDFOR\n## C\nTool: csa\n"
      "Session: ${STEP_2_SESSION}\nCondition: ${A}\n\n${STEP_1_OUTPUT}");
  EXPECT_EQ(workflow.variables,
            (std::vector<WorkflowVariable>{{.name = "A", .default_value = "1"},
                                           {.name = "B"}}));
  EXPECT_THAT(workflow.steps[1].depends_on, ElementsAre(1));
  EXPECT_THAT(workflow.steps[2].depends_on, ElementsAre(1, 2));
}

TEST(CompilePattern, WarnsOfStepsThatAreNotThere) {
  EXPECT_THAT(
      FaultsOf("## A\nTool: csa\n\n${STEP_0_EXIT} ${STEP_2_EXIT}\n## B\n"
               "Tool: csa\n\n${STEP_3_OUTPUT:-}"),
      ElementsAre("top:4:1: warning: it mentions the outcome of step 0, and "
                  "there is no such step",
                  "top:8:1: warning: it mentions the outcome of step 3, and "
                  "there is no such step"));
}

TEST(CompilePattern, TheNumberOfWarningsTakesNoStepAway) {
  const Compiled compiled =
      Compile(absl::StrCat(Repeat("## A\nTimeout: soon\n", 300), "## B\n"));
  EXPECT_THAT(compiled.faults, SizeIs(100));
  EXPECT_THAT(compiled.workflow.steps, SizeIs(301));
}

// What stands in an ELSE, or in several blocks, is written within more of them.
TEST(CompilePattern, F45_AConditionCanBeReadAgain) {
  const auto faults_of = [](const std::string& condition) {
    const Compiled compiled = Compile(absl::StrCat(
        "## IF ", condition, "\n## IF ${Y}\n## A\nCondition: ", condition,
        "\n## ENDIF\n## ELSE\n## IF ${Y}\n## B\n## ENDIF\n## ENDIF\n"));
    EXPECT_TRUE(!compiled.faults.empty() ||
                ParseWorkflow(FormatWorkflow(compiled.workflow)).ok())
        << condition;
    return compiled.faults;
  };
  for (int depth = 58; depth <= 64; depth += 2) {
    const std::vector<std::string> negated =
        faults_of(Repeat("!", depth) + "${X}");
    const std::vector<std::string> mixed = faults_of(
        Repeat("!(${A} || ", depth / 2) + "${X}" + Repeat(")", depth / 2));
    EXPECT_EQ(negated.empty(), depth <= 60) << depth;
    EXPECT_EQ(mixed.empty(), depth <= 60) << depth;
    if (depth <= 60) continue;
    EXPECT_THAT(negated, ElementsAre(StartsWith("top:4:1: error: a condition "
                                                "is too deep"),
                                     StartsWith("top:6:1: error: ")));
  }
}

}  // namespace
}  // namespace csa
