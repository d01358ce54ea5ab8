#include "common/workflow/workflow.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Condition Variable(std::string name) {
  return {.kind = Condition::Kind::kVariable, .text = std::move(name)};
}

TEST(FormatFailAction, IsWhatAHintSays) {
  using Kind = FailAction::Kind;
  EXPECT_EQ(FormatFailAction({}), "abort");
  EXPECT_EQ(FormatFailAction({Kind::kSkip, 0, ""}), "skip");
  EXPECT_EQ(FormatFailAction({Kind::kRetry, 2, ""}), "retry 2");
  EXPECT_EQ(FormatFailAction({Kind::kDelegate, 0, "codex"}), "delegate codex");
}

TEST(KindOf, FollowsToolAndTier) {
  EXPECT_EQ(KindOf({.tool = "bash"}), StepKind::kBash);
  EXPECT_EQ(KindOf({.tool = "sh", .tier = "a"}), StepKind::kBash);
  EXPECT_EQ(KindOf({.tool = "manual"}), StepKind::kManual);
  EXPECT_EQ(KindOf({.tool = "note", .tier = "a"}), StepKind::kNote);
  EXPECT_EQ(KindOf({}), StepKind::kNote);
  EXPECT_EQ(KindOf({.tier = "a"}), StepKind::kAgent);
  EXPECT_EQ(KindOf({.tool = "csa"}), StepKind::kAgent);
  EXPECT_EQ(KindOf({.tool = "Bash"}), StepKind::kAgent);
}

TEST(ScriptOf, IsTheFirstBlockOfBash) {
  EXPECT_EQ(ScriptOf("Text.\n```json\n{}\n```\n```bash\na\n\nb\n```\n"
                     "```sh\nc\n```"),
            "a\n\nb\n");
  EXPECT_EQ(ScriptOf("~~~ sh x\n```\na\n~~~"), "```\na\n");
  EXPECT_EQ(ScriptOf("````md\n```bash\na\n```\n````\n```sh\nb\n```"), "b\n");
  EXPECT_EQ(ScriptOf("```bash\n```"), "");
}

TEST(ScriptOf, IsAllWhereThereIsNone) {
  EXPECT_EQ(ScriptOf(""), "");
  EXPECT_EQ(ScriptOf("ls\n"), "ls\n");
  EXPECT_EQ(ScriptOf("```\na\n```"), "```\na\n```");
  EXPECT_EQ(ScriptOf("```bashful\na\n```"), "```bashful\na\n```");
}

TEST(FormatConditions, JoinsThoseOfAllBlocks) {
  using Kind = Block::Kind;
  const Condition either = {.kind = Condition::Kind::kOr,
                            .operands = {Variable("A"), Variable("B")}};
  const Condition not_c = {.kind = Condition::Kind::kNot,
                           .operands = {Variable("C")}};
  EXPECT_EQ(FormatConditions({}), "");
  EXPECT_EQ(FormatConditions({.blocks = {{.kind = Kind::kFor}}}), "");
  EXPECT_EQ(FormatConditions({.blocks = {{.condition = either}}}),
            "${A} || ${B}");
  EXPECT_EQ(
      FormatConditions({.blocks = {{.condition = either},
                                   {.kind = Kind::kFor},
                                   {.kind = Kind::kElse, .condition = not_c}}}),
      "(${A} || ${B}) && !${C}");
}

TEST(StepNamedBy, KnowsTheThreeNames) {
  EXPECT_EQ(StepNamedBy("STEP_1_OUTPUT"), 1);
  EXPECT_EQ(StepNamedBy("STEP_20_SESSION"), 20);
  EXPECT_EQ(StepNamedBy("STEP_2147483647_EXIT"), 2147483647);
  for (const char* name :
       {"", "STEP_", "STEP_1", "STEP_1_", "STEP__OUTPUT", "STEP_X_OUTPUT",
        "STEP_1_OUTPUTS", "STEP_-1_EXIT", "STEP_1_output", "step_1_OUTPUT",
        "STEP_2147483648_EXIT", "MY_STEP_1_EXIT", "STEP_1_2_EXIT",
        "STEP_+1_EXIT"}) {
    EXPECT_EQ(StepNamedBy(name), std::nullopt) << name;
  }
}

// It has no such name when the plan runs.
TEST(StepNamedBy, ANumberHasOneForm) {
  EXPECT_EQ(StepNamedBy("STEP_01_OUTPUT"), std::nullopt);
  EXPECT_EQ(StepNamedBy("STEP_00_OUTPUT"), std::nullopt);
  EXPECT_EQ(StepNamedBy("STEP_0_OUTPUT"), 0);
}

TEST(ItemsOf, AreWordsOrLines) {
  EXPECT_THAT(ItemsOf(""), IsEmpty());
  EXPECT_THAT(ItemsOf(" \n\t\n"), IsEmpty());
  EXPECT_THAT(ItemsOf(" a  b\tc\n"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(ItemsOf("a b\r\n\n  c d \ne"), ElementsAre("a b", "  c d ", "e"));
  EXPECT_THAT(ItemsOf("* ? $(x)"), ElementsAre("*", "?", "$(x)"));
}

}  // namespace
}  // namespace csa
