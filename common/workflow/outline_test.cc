#include "common/workflow/outline.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::IsEmpty;

Block If(int number) {
  return {.number = number,
          .condition = {.kind = Condition::Kind::kVariable,
                        .text = absl::StrCat("C", number)}};
}

Block Else(int number) {
  return {.kind = Block::Kind::kElse,
          .number = number,
          .condition = {.kind = Condition::Kind::kNot,
                        .operands = {If(number).condition}}};
}

Block For(int number) {
  return {.kind = Block::Kind::kFor,
          .number = number,
          .variable = absl::StrCat("v", number)};
}

std::string Render(const std::vector<OutlineNode>& nodes) {
  return absl::StrJoin(
      nodes, " ", [](std::string* out, const OutlineNode& node) {
        if (!node.is_block) {
          absl::StrAppend(out, node.step + 1);
          return;
        }
        absl::StrAppend(out,
                        node.block.kind == Block::Kind::kFor
                            ? node.block.variable
                            : FormatCondition(node.block.condition),
                        "@", node.step + 1, "[", Render(node.body), "|",
                        Render(node.otherwise), "]");
      });
}

// The outline of steps that stand in these blocks.
std::string OutlineOfBlocks(std::vector<std::vector<Block>> blocks) {
  std::vector<Step> steps;
  steps.reserve(blocks.size());
  for (std::vector<Block>& its : blocks) {
    steps.push_back(
        {.id = static_cast<int>(steps.size()) + 1, .blocks = std::move(its)});
  }
  return Render(OutlineOf(steps));
}

TEST(OutlineOf, StepsWithoutBlocks) {
  EXPECT_THAT(OutlineOf({}), IsEmpty());
  EXPECT_EQ(OutlineOfBlocks({{}, {}, {}}), "1 2 3");
}

TEST(OutlineOf, StepsOfOneBlockAreTogether) {
  EXPECT_EQ(OutlineOfBlocks({{}, {If(1)}, {If(1)}, {}, {For(2)}}),
            "1 ${C1}@2[2 3|] 4 v2@5[5|]");
  // Another block, even where it asks the same.
  Block again = If(1);
  again.number = 2;
  EXPECT_EQ(OutlineOfBlocks({{If(1)}, {again}}), "${C1}@1[1|] ${C1}@2[2|]");
}

TEST(OutlineOf, AnElseIsOfItsIf) {
  EXPECT_EQ(OutlineOfBlocks({{If(1)}, {If(1)}, {Else(1)}, {}}),
            "${C1}@1[1 2|3] 4");
}

// It is an IF of the contrary: no step tells of the other one.
TEST(OutlineOf, AnElseMayBeAllThereIs) {
  EXPECT_EQ(OutlineOfBlocks({{Else(1)}, {Else(1)}}), "!${C1}@1[1 2|]");
}

TEST(OutlineOf, BlocksStandInOneAnother) {
  EXPECT_EQ(OutlineOfBlocks({{If(1)},
                             {If(1), For(2)},
                             {If(1), For(2), If(3)},
                             {If(1), For(2), Else(3)},
                             {If(1)},
                             {Else(1), If(4)},
                             {For(5), For(6)},
                             {For(5)}}),
            "${C1}@1[1 v2@2[2 ${C3}@3[3|4]|] 5|${C4}@6[6|]] "
            "v5@7[v6@7[7|] 8|]");
}

}  // namespace
}  // namespace csa
