#include "tools/plan/step_input.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Step Bash(absl::string_view script) {
  return {.tool = "bash",
          .prompt = absl::StrCat("Text ${T}.\n```bash\n", script, "\n```\n")};
}

PlanVariables Given(const Variables& values) {
  PlanVariables variables;
  for (const auto& [name, value] : values) variables.Set(name, value);
  return variables;
}

TEST(InputOf, AScriptHasWhatItMentionsInItsEnvironment) {
  const absl::StatusOr<StepInput> input =
      InputOf(Bash("echo ${A} $B ${C:-c} ${HOME}"),
              Given({{"A", "a"}, {"B", "${A}"}, {"T", "t"}, {"X", "x"}}));
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(input->text, "echo ${A} $B ${C:-c} ${HOME}\n");
  EXPECT_THAT(input->environment,
              ElementsAre(Pair("A", "a"), Pair("B", "${A}")));
}

TEST(InputOf, AScriptIsGivenNoMoreThanItCanHave) {
  const std::string most(kMaxEnvironmentBytes - 1, 'x');
  EXPECT_TRUE(InputOf(Bash("echo $A"), Given({{"A", most}})).ok());
  const absl::Status status =
      InputOf(Bash("echo $A"), Given({{"A", most + "x"}})).status();
  EXPECT_TRUE(absl::IsOutOfRange(status));
  EXPECT_THAT(status.message(), HasSubstr("A has 131008 bytes"));
  EXPECT_TRUE(absl::IsOutOfRange(InputOf(Bash(": " + most), {}).status()));
}

TEST(InputOf, NoVariableHasANul) {
  const absl::StatusOr<StepInput> input =
      InputOf(Bash("echo $A"), Given({{"A", std::string("a\0b", 3)}}));
  ASSERT_TRUE(input.ok());
  EXPECT_THAT(input->environment, ElementsAre(Pair("A", "ab")));
}

TEST(InputOf, APromptHasThemAsText) {
  const absl::StatusOr<StepInput> input =
      InputOf({.tool = "codex",
               .prompt = "${A} ${B:-${A}} ${C:-c}",
               .tier = "${T}",
               .session = "${S}"},
              Given({{"A", "${C}"}, {"T", "strong"}, {"S", "01A"}}));
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(input->text, "${C} ${A} c");
  EXPECT_EQ(input->tier, "strong");
  EXPECT_EQ(input->session, "01A");
  EXPECT_TRUE(input->environment.empty());
}

TEST(InputOf, F44_AnUndefinedVariableIsAnError) {
  const absl::Status status =
      InputOf({.tool = "codex", .prompt = "${A} ${B}"}, {}).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(status.message(), AllOf(HasSubstr("A"), HasSubstr("B")));
}

TEST(InputOf, SaysWhyAValueCannotBeUsed) {
  PlanVariables variables;
  variables.SetUnusable("A", "it is too long");
  for (const Step& step :
       {Bash("echo $A"), Step{.tool = "codex", .prompt = "${A}"}}) {
    EXPECT_EQ(InputOf(step, variables).status().message(),
              "A cannot be used: it is too long");
  }
  EXPECT_TRUE(InputOf(Bash("echo $B"), variables).ok());
}

TEST(InputOf, AScriptKeepsItsOwnFallbacks) {
  PlanVariables variables;
  variables.SetDefault("A", "/tmp");
  EXPECT_THAT(InputOf(Bash("echo ${A:-/tmp}"), variables)->environment,
              IsEmpty());
  EXPECT_THAT(InputOf(Bash("echo ${A:-/tmp} ${A}"), variables)->environment,
              ElementsAre(Pair("A", "/tmp")));
  variables.Set("A", "/x");
  EXPECT_THAT(InputOf(Bash("echo ${A:-/tmp}"), variables)->environment,
              ElementsAre(Pair("A", "/x")));
}

TEST(InputOf, AScriptIsGivenNothingThatDecidesWhatItExecutes) {
  EXPECT_THAT(InputOf(Bash("echo $PATH $LD_PRELOAD $NODE_OPTIONS $STEP_1_EXIT "
                           "$CSA_X"),
                      Given({{"PATH", "x"},
                             {"LD_PRELOAD", "x"},
                             {"NODE_OPTIONS", "x"},
                             {"STEP_1_EXIT", "1"},
                             {"CSA_X", "x"}}))
                  ->environment,
              ElementsAre(Pair("STEP_1_EXIT", "1")));
}

}  // namespace
}  // namespace csa
