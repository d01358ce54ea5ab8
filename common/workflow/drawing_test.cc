#include "common/workflow/drawing.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

Block If(int number, std::string variable) {
  return {.number = number,
          .condition = {.kind = Condition::Kind::kVariable,
                        .text = std::move(variable)}};
}

Block Else(Block block) {
  block.kind = Block::Kind::kElse;
  block.condition = {.kind = Condition::Kind::kNot,
                     .operands = {block.condition}};
  return block;
}

Block For(int number, std::string variable) {
  return {.kind = Block::Kind::kFor,
          .number = number,
          .variable = std::move(variable),
          .collection = "a b"};
}

// A workflow of steps with the titles "1", "2" …, in these blocks.
Workflow StepsIn(std::vector<std::vector<Block>> blocks) {
  Workflow workflow = {.name = "x"};
  for (std::vector<Block>& its : blocks) {
    const int id = static_cast<int>(workflow.steps.size()) + 1;
    workflow.steps.push_back(
        {.id = id, .title = absl::StrCat(id), .blocks = std::move(its)});
  }
  return workflow;
}

std::vector<std::string> LinesOf(const Workflow& workflow,
                                 OutputFormat format) {
  return absl::StrSplit(Draw(workflow, format), '\n');
}

TEST(DrawText, IndentsWhatStandsInBlocks) {
  EXPECT_THAT(
      LinesOf(StepsIn({{}, {If(1, "A"), For(2, "v")}, {Else(If(1, "A"))}}),
              OutputFormat::kText),
      ElementsAre("x", "   1  note  1", "  IF ${A}", "    FOR v IN a b",
                  "       2  note  2", "  ELSE", "     3  note  3"));
}

TEST(DrawText, SaysWhoDoesItAndWhatIsUnusual) {
  Workflow workflow = StepsIn({{}, {}, {}, {}});
  workflow.description = "d";
  workflow.steps[0].tool = "sh";
  workflow.steps[1].tier = "quick";
  workflow.steps[2].tool = "codex";
  workflow.steps[2].tier = "${T}";
  workflow.steps[2].session = "${S}";
  workflow.steps[2].timeout = absl::Seconds(90);
  workflow.steps[2].on_fail = {FailAction::Kind::kRetry, 2, ""};
  workflow.steps[3].tool = "manual";
  EXPECT_THAT(LinesOf(workflow, OutputFormat::kText),
              ElementsAre("x: d", "   1  bash        1", "   2  csa:quick   2",
                          "   3  codex:${T}  3 (on failure retry 2, goes on "
                          "with ${S}, at most 1m30s)",
                          "   4  manual      4"));
}

TEST(DrawJson, HasAllThatAStepSays) {
  Workflow workflow = StepsIn({{If(1, "A"), For(2, "v"), If(3, "B")}});
  Step& step = workflow.steps[0];
  step.tool = "csa";
  step.prompt = "p";
  step.depends_on = {1};
  step.timeout = absl::Milliseconds(1500);
  workflow.variables = {{.name = "A"}, {.name = "B", .default_value = ""}};
  EXPECT_EQ(nlohmann::json::parse(Draw(workflow, OutputFormat::kJson)),
            nlohmann::json::parse(R"({
      "name": "x", "description": "", "version": null,
      "variables": [{"name": "A", "default": null},
                    {"name": "B", "default": ""}],
      "steps": [{"id": 1, "title": "1", "tool": "csa", "tier": null,
                 "prompt": "p", "depends_on": [1], "on_fail": "abort",
                 "condition": "${A} && ${B}",
                 "loops": [{"variable": "v", "collection": "a b",
                            "max_iterations": 10}],
                 "session": null, "timeout_seconds": 1.5}]})"));
}

TEST(DrawDot, EdgesLeadFromOneToTheNext) {
  EXPECT_THAT(LinesOf(StepsIn({}), OutputFormat::kDot),
              ElementsAre("digraph \"x\" {",
                          "  start [shape=ellipse, label=\"start\"];",
                          "  end [shape=ellipse, label=\"end\"];",
                          "  start -> end;", "}"));
  EXPECT_THAT(
      LinesOf(StepsIn({{If(1, "A"), For(2, "v")}, {Else(If(1, "A"))}, {}}),
              OutputFormat::kDot),
      IsSupersetOf({"  if1_1 [shape=diamond, label=\"IF ${A}\"];",
                    "  for2_1 [shape=hexagon, label=\"FOR v IN a b\"];",
                    "  s1 [shape=box, label=\"1. 1\\nnote\"];",
                    "  start -> if1_1;", "  if1_1 -> for2_1 [label=yes];",
                    "  for2_1 -> s1 [label=each];", "  s1 -> for2_1;",
                    "  if1_1 -> s2 [label=no];", "  for2_1 -> s3 [label=done];",
                    "  s2 -> s3;", "  s3 -> end;"}));
}

TEST(DrawDot, AnIfWithoutElseIsPassedBy) {
  EXPECT_THAT(LinesOf(StepsIn({{If(1, "A")}, {}}), OutputFormat::kDot),
              IsSupersetOf({"  if1_1 -> s1 [label=yes];", "  s1 -> s2;",
                            "  if1_1 -> s2 [label=no];"}));
}

TEST(DrawMermaid, EdgesLeadFromOneToTheNext) {
  EXPECT_THAT(
      LinesOf(StepsIn({{If(1, "A")}, {For(2, "v")}}), OutputFormat::kMermaid),
      ElementsAre("flowchart TD", "  n_start([\"start\"])",
                  "  n_if1_1{\"IF #36;#123;A#125;\"}",
                  "  n_s1[\"1. 1<br/>note\"]", "  n_for2_2{{\"FOR v IN a b\"}}",
                  "  n_s2[\"2. 2<br/>note\"]", "  n_end([\"end\"])",
                  "  n_start --> n_if1_1", "  n_if1_1 -->|yes| n_s1",
                  "  n_s1 --> n_for2_2", "  n_if1_1 -->|no| n_for2_2",
                  "  n_for2_2 -->|each| n_s2", "  n_s2 --> n_for2_2",
                  "  n_for2_2 -->|done| n_end"));
}

// A workflow whose texts are there to break the drawing.
Workflow Hostile() {
  const std::string odd = "\"];x\\\x1B[2J\xC2\x9B<script>ä\r\n## | {#";
  Workflow workflow = StepsIn({{For(1, "v")}});
  workflow.name = workflow.description = odd;
  workflow.steps[0].title = workflow.steps[0].tool = odd;
  workflow.steps[0].blocks[0].collection = odd;
  return workflow;
}

TEST(Draw, NothingIsObeyed) {
  for (const OutputFormat format :
       {OutputFormat::kText, OutputFormat::kDot, OutputFormat::kMermaid}) {
    const std::string drawing = Draw(Hostile(), format);
    EXPECT_THAT(drawing, Not(HasSubstr("\x1B")));
    EXPECT_THAT(drawing, Not(HasSubstr("\xC2\x9B")));
    EXPECT_THAT(drawing, Not(HasSubstr("\r")));
  }
  EXPECT_THAT(LinesOf(Hostile(), OutputFormat::kText),
              Contains(HasSubstr("1  \"];x\\\\x1B[2J\\xC2\\x9B<script>ä\\x0D"
                                 "\\x0A## | {#")));
  EXPECT_THAT(
      LinesOf(Hostile(), OutputFormat::kDot),
      Contains("  s1 [shape=box, label=\"1. \\\"];x\\\\ [2J <script>ä "
               "\\n## | {#\\n\\\"];x\\\\ [2J <script>ä \\n## | {#\"];"));
  const std::vector<std::string> mermaid =
      LinesOf(Hostile(), OutputFormat::kMermaid);
  EXPECT_EQ(mermaid.size(), 9);
  EXPECT_EQ(
      mermaid[3],
      "  n_s1[\"1. #34;#93;#59;x#92; #91;2J #60;script#62;ä <br/>#35;#35; "
      "#124; #123;#35;<br/>#34;#93;#59;x#92; #91;2J #60;script#62;ä "
      "<br/>#35;#35; #124; #123;#35;\"]");
  EXPECT_EQ(nlohmann::json::parse(
                Draw(Hostile(), OutputFormat::kJson))["steps"][0]["title"],
            Hostile().steps[0].title);
}

// Of many steps and blocks, a graph has as many lines.
TEST(Draw, GrowsAsTheWorkflowDoes) {
  std::vector<std::vector<Block>> blocks;
  for (int step = 0; step < 1000; ++step) {
    std::vector<Block> its;
    for (int depth = 1; depth <= 20; ++depth) {
      its.push_back(depth % 2 == 0 ? For(depth, "v") : If(depth, "A"));
    }
    its.push_back(If(100 + step, "B"));
    blocks.push_back(std::move(its));
  }
  const Workflow workflow = StepsIn(std::move(blocks));
  EXPECT_LT(LinesOf(workflow, OutputFormat::kDot).size(), 6000);
  EXPECT_LT(LinesOf(workflow, OutputFormat::kMermaid).size(), 6000);
  EXPECT_LT(LinesOf(workflow, OutputFormat::kText).size(), 2100);
}

}  // namespace
}  // namespace csa
