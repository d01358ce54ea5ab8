#include "common/workflow/references.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Condition Variable(std::string name,
                   std::optional<std::string> fallback = std::nullopt) {
  return {.kind = Condition::Kind::kVariable,
          .text = std::move(name),
          .fallback = std::move(fallback)};
}

Block If(Condition condition) { return {.condition = std::move(condition)}; }

Block For(std::string variable, std::string collection) {
  return {.kind = Block::Kind::kFor,
          .variable = std::move(variable),
          .collection = std::move(collection)};
}

Step Agent(std::string prompt) {
  return {.id = 1, .tool = "csa", .prompt = std::move(prompt)};
}

Step Bash(std::string prompt) {
  return {.id = 1, .tool = "bash", .prompt = std::move(prompt)};
}

std::vector<std::string> NamesOf(const Step& step) {
  std::vector<std::string> names;
  for (const VariableUse& use : MentionsOf(step)) names.push_back(use.name);
  return names;
}

// "NAME" or "NAME=DEFAULT" of each variable that a workflow of `steps` has.
std::vector<std::string> VariablesOf(std::vector<Step> steps) {
  Workflow workflow = {.name = "x", .steps = std::move(steps)};
  for (size_t i = 0; i < workflow.steps.size(); ++i) {
    workflow.steps[i].id = static_cast<int>(i) + 1;
  }
  AddReferences(workflow);
  std::vector<std::string> variables;
  for (const WorkflowVariable& variable : workflow.variables) {
    variables.push_back(variable.name + (variable.default_value.has_value()
                                             ? "=" + *variable.default_value
                                             : ""));
  }
  return variables;
}

TEST(MentionsOf, LooksAtAllThatAStepSays) {
  Step step = Agent("${A} $B \\${C}");
  step.tier = "${T}";
  step.session = "${S}";
  step.blocks = {For("x", "a ${L} b"), If(Variable("I"))};
  EXPECT_THAT(NamesOf(step), ElementsAre("A", "C", "T", "S", "L", "I"));
}

TEST(MentionsOf, AScriptIsThatOfItsBlock) {
  EXPECT_THAT(NamesOf(Bash("${A}\n```bash\necho $B \"${C[0]}\"\n```\n${D}")),
              ElementsAre("B", "C"));
  EXPECT_THAT(NamesOf(Bash("echo $A")), ElementsAre("A"));
  EXPECT_THAT(NamesOf({.tool = "manual", .prompt = "${A}"}), ElementsAre("A"));
  EXPECT_THAT(NamesOf({.prompt = "${A}"}), IsEmpty());
}

TEST(StepsMentionedBy, AreThoseWhoseOutcomeIsAskedFor) {
  Step step = Bash("echo $STEP_3_OUTPUT ${STEP_1_EXIT:-0} $STEP_3_EXIT");
  step.session = "${STEP_12_SESSION}";
  step.blocks = {If(Variable("STEP_2_OUTPUT"))};
  EXPECT_THAT(StepsMentionedBy(step), ElementsAre(1, 2, 3, 12));
}

TEST(NamesMentionedIn, AreThoseOfStepsAndOfTheWorkflow) {
  EXPECT_THAT(NamesMentionedIn({.variables = {{.name = "Z"}, {.name = "A"}},
                                .steps = {Agent("${A}${C}"), Bash("$B")}}),
              ElementsAre("A", "B", "C", "Z"));
}

TEST(AddReferences, StepsDependOnThoseBeforeThem) {
  Workflow workflow;
  for (int id = 1; id <= 3; ++id) {
    workflow.steps.push_back(
        Agent("${STEP_3_OUTPUT}${STEP_1_OUTPUT}${STEP_2_EXIT}${STEP_1_EXIT}"
              "${STEP_0_EXIT}${STEP_9_EXIT}"));
    workflow.steps.back().id = id;
  }
  AddReferences(workflow);
  EXPECT_THAT(workflow.steps[0].depends_on, IsEmpty());
  EXPECT_THAT(workflow.steps[1].depends_on, ElementsAre(1));
  EXPECT_THAT(workflow.steps[2].depends_on, ElementsAre(1, 2));
  EXPECT_THAT(workflow.variables, IsEmpty());
}

TEST(AddReferences, VariablesAreSortedAndOnce) {
  Step second = Agent("${B}");
  second.blocks = {If(Variable("C"))};
  EXPECT_THAT(VariablesOf({Agent("${Z}${B}${Z}"), std::move(second)}),
              ElementsAre("B", "C", "Z"));
}

TEST(AddReferences, ALoopHasItsOwnVariable) {
  Step inside = Agent("${x}${STEP_1_OUTPUT}");
  inside.blocks = {For("x", "${L}")};
  EXPECT_THAT(VariablesOf({inside}), ElementsAre("L"));
  EXPECT_THAT(VariablesOf({inside, Agent("${x}")}), ElementsAre("L", "x"));
}

TEST(AddReferences, ADefaultIsWhatAllMentionsAgreeOn) {
  EXPECT_THAT(VariablesOf({Agent("${A:-1}${B:-}"), Bash("echo ${A:-1}")}),
              ElementsAre("A=1", "B="));
  EXPECT_THAT(VariablesOf({Agent("${A:-1}${A:-2}")}), ElementsAre("A"));
  EXPECT_THAT(VariablesOf({Agent("${A:-1}${A}")}), ElementsAre("A"));
  // A condition can do without.
  Step step = Agent("${A:-1}");
  step.blocks = {If(Variable("A")), If(Variable("B", "2")), If(Variable("C"))};
  EXPECT_THAT(VariablesOf({step}), ElementsAre("A=1", "B=2", "C"));
}

// What is given is text, and bash would not expand it.
TEST(AddReferences, ADefaultIsNothingThatBashWouldExpand) {
  for (const char* fallback : {"$B", "${B}", "`b`", "\\b", "\"b\"", "'b'"}) {
    const std::string use = std::string("${A:-") + fallback + "}";
    EXPECT_THAT(VariablesOf({Bash("echo \"" + use + "\"")}),
                testing::Contains("A"))
        << fallback;
    EXPECT_THAT(VariablesOf({Agent(use)}),
                testing::Contains(std::string("A=") + fallback))
        << fallback;
  }
}

TEST(AddReferences, AScriptHasVariablesOfItsOwn) {
  EXPECT_THAT(VariablesOf({Bash("B=1\necho \"${A} ${B}\" $C")}),
              ElementsAre("A"));
  // Not before it gives them a value.
  EXPECT_THAT(VariablesOf({Bash("echo \"${B}\"\nB=1\n")}), ElementsAre("B"));
  EXPECT_THAT(VariablesOf({Bash("B=\"${B:-3}\"\necho \"${B}\"")}),
              ElementsAre("B=3"));
  // What one script does, another one does not know.
  EXPECT_THAT(VariablesOf({Bash("B=1"), Bash("echo ${B}")}), ElementsAre("B"));
}

TEST(ShiftSteps, RaisesTheNumbersOfSteps) {
  EXPECT_EQ(ShiftSteps("${STEP_1_OUTPUT}, $STEP_12_EXIT: STEP_3_SESSION", 4),
            "${STEP_5_OUTPUT}, $STEP_16_EXIT: STEP_7_SESSION");
  EXPECT_EQ(ShiftSteps("ä\xE4\xB8\x96STEP_1_EXIT", 1),
            "ä\xE4\xB8\x96STEP_2_EXIT");
  EXPECT_EQ(ShiftSteps("${STEP_0_EXIT}", 2), "${STEP_2_EXIT}");
}

TEST(ShiftSteps, LeavesOtherWords) {
  for (const char* text :
       {"", "STEP_", "MY_STEP_1_OUTPUT", "STEP_1_OUTPUTS", "STEP_1",
        "STEP_STEP_1_OUTPUT", "STEP_99999999999_EXIT", "xSTEP_1_EXIT"}) {
    EXPECT_EQ(ShiftSteps(text, 3), text);
  }
  EXPECT_EQ(ShiftSteps("${STEP_1_EXIT}", 0), "${STEP_1_EXIT}");
  EXPECT_EQ(ShiftSteps("STEP_2147483647_EXIT", 1), "STEP_2147483648_EXIT");
}

TEST(ShiftSteps, OfAConditionRaisesWhatItsVariablesName) {
  const Condition text = {.text = "STEP_1_EXIT"};
  const Condition condition = {
      .kind = Condition::Kind::kAnd,
      .operands = {Variable("STEP_1_EXIT", "0"),
                   Variable("X"),
                   {.kind = Condition::Kind::kEqual,
                    .operands = {Variable("STEP_2_OUTPUT"), text}}}};
  Condition shifted = condition;
  shifted.operands[0].text = "STEP_4_EXIT";
  shifted.operands[2].operands[0].text = "STEP_5_OUTPUT";
  EXPECT_EQ(ShiftSteps(condition, 3), shifted);
  EXPECT_EQ(ShiftSteps(condition, 0), condition);
}

}  // namespace
}  // namespace csa
