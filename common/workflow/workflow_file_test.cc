#include "common/workflow/workflow_file.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::StartsWith;

Condition Variable(std::string name) {
  return {.kind = Condition::Kind::kVariable, .text = std::move(name)};
}

Condition Of(Condition::Kind kind, std::vector<Condition> operands) {
  return {.kind = kind, .operands = std::move(operands)};
}

Workflow Read(absl::string_view toml) {
  const absl::StatusOr<Workflow> workflow = ParseWorkflow(toml);
  EXPECT_TRUE(workflow.ok()) << workflow.status() << "\n" << toml;
  return workflow.ok() ? *workflow : Workflow();
}

// Expects that what is read of `workflow` is the same, and written the same.
std::string Written(const Workflow& workflow) {
  std::string file = FormatWorkflow(workflow);
  EXPECT_EQ(Read(file), workflow) << file;
  EXPECT_EQ(FormatWorkflow(Read(file)), file);
  return file;
}

// A workflow of one step.
Workflow With(Step step) {
  step.id = 1;
  return {.name = "x", .steps = {std::move(step)}};
}

// What stands behind "prompt = " in the file.
std::string WrittenPrompt(std::string prompt) {
  const std::string file = Written(With({.prompt = std::move(prompt)}));
  const absl::string_view before =
      "[workflow]\nname = \"x\"\n\n[[workflow.steps]]\nid = 1\ntitle = "
      "\"\"\nprompt = ";
  EXPECT_THAT(file, StartsWith(std::string(before)));
  return file.substr(before.size());
}

// The step of a file with the lines `toml` in it.
Step ReadStep(absl::string_view toml) {
  const Workflow workflow = Read(absl::StrCat(
      "[workflow]\nname = \"x\"\n[[workflow.steps]]\nid = 1\n", toml));
  return workflow.steps.size() == 1 ? workflow.steps[0] : Step();
}

// What is wrong with a file, whose fifth line, in the first step, `toml` is.
std::string FaultOf(absl::string_view toml) {
  const absl::StatusOr<Workflow> workflow = ParseWorkflow(absl::StrCat(
      "[workflow]\nname = \"x\"\n[[workflow.steps]]\nid = 1\n", toml));
  EXPECT_TRUE(absl::IsInvalidArgument(workflow.status())) << toml;
  return std::string(workflow.status().message());
}

// A workflow that has every field.
Workflow FullWorkflow() {
  const Condition a = Variable("A");
  return {
      .name = "x",
      .description = "a \"b\"",
      .version = "1",
      .variables = {{.name = "A"}, {.name = "B", .default_value = ""}},
      .steps = {{.id = 1,
                 .title = "One",
                 .tool = "bash",
                 .prompt = "ls\npwd",
                 .tier = "${T}",
                 .on_fail = {FailAction::Kind::kSkip, 0, ""},
                 .blocks = {{.number = 1, .condition = a},
                            {.kind = Block::Kind::kFor,
                             .number = 2,
                             .variable = "x",
                             .collection = "${L}"}},
                 .session = "${S}",
                 .timeout = absl::Milliseconds(1500)},
                {.id = 2,
                 .title = "Two",
                 .depends_on = {1},
                 .on_fail = {FailAction::Kind::kRetry, 3, ""},
                 .blocks = {{.kind = Block::Kind::kElse,
                             .number = 1,
                             .condition = Of(Condition::Kind::kNot, {a})},
                            {.number = 3,
                             .condition = Of(Condition::Kind::kOr, {a, a})}}},
                {.id = 3,
                 .title = "Three",
                 .on_fail = {FailAction::Kind::kDelegate, 0, "codex"},
                 .timeout = absl::Minutes(2)}}};
}

constexpr char kFullFile[] = R"toml([workflow]
name = "x"
description = "a \"b\""
version = "1"

[[workflow.variables]]
name = "A"

[[workflow.variables]]
name = "B"
default = ""

[[workflow.steps]]
id = 1
title = "One"
tool = "bash"
prompt = '''
ls
pwd'''
tier = "${T}"
on_fail = "skip"
condition = "${A}"
loop_var = {variable = "x", collection = "${L}", max_iterations = 10}
blocks = ["if 1", "for 2"]
session = "${S}"
timeout_seconds = 1.500

[[workflow.steps]]
id = 2
title = "Two"
depends_on = [1]
on_fail = {retry = 3}
condition = "!${A} && (${A} || ${A})"
blocks = ["else 1", "if 3"]

[[workflow.steps]]
id = 3
title = "Three"
on_fail = {delegate = "codex"}
timeout_seconds = 120
)toml";

TEST(FormatWorkflow, WritesAllFields) {
  EXPECT_EQ(Written(FullWorkflow()), kFullFile);
  EXPECT_EQ(FormatWorkflow(FullWorkflow()), kFullFile);
}

TEST(FormatWorkflow, EmptyFieldsAreLeftOut) {
  EXPECT_EQ(Written({.name = "x"}), "[workflow]\nname = \"x\"\n");
  EXPECT_EQ(Written(With({.title = "T"})),
            "[workflow]\nname = \"x\"\n\n[[workflow.steps]]\nid = 1\n"
            "title = \"T\"\n");
}

TEST(FormatWorkflow, PromptsOfSeveralLinesAreLiteral) {
  EXPECT_EQ(WrittenPrompt("a\n\\d+ \"\"\" \\\n\tb"),
            "'''\na\n\\d+ \"\"\" \\\n\tb'''\n");
  EXPECT_EQ(WrittenPrompt("\n\na''\n'b"), "'''\n\n\na''\n'b'''\n");
  EXPECT_EQ(WrittenPrompt("'a\n\n"), "'''\n'a\n\n'''\n");
  EXPECT_EQ(WrittenPrompt("ä\xE4\xB8\x96\n\xF0\x9F\x98\x80"),
            "'''\nä\xE4\xB8\x96\n\xF0\x9F\x98\x80'''\n");
}

TEST(FormatWorkflow, OtherPromptsAreQuoted) {
  EXPECT_EQ(WrittenPrompt("a \\d \"b\""), "\"a \\\\d \\\"b\\\"\"\n");
  EXPECT_EQ(WrittenPrompt("a\n'''b"), "\"a\\u000A'''b\"\n");
  EXPECT_EQ(WrittenPrompt("a\n'b'"), "\"a\\u000A'b'\"\n");
  EXPECT_EQ(WrittenPrompt("a\r\nb"), "\"a\\u000D\\u000Ab\"\n");
  EXPECT_EQ(WrittenPrompt("a\n\x1B[m\x7F\x01"),
            "\"a\\u000A\\u001B[m\\u007F\\u0001\"\n");
  // A terminal obeys this one too.
  EXPECT_EQ(WrittenPrompt("a\n\xC2\x9Bm"), "\"a\\u000A\\u009Bm\"\n");
}

TEST(FormatWorkflow, TextsMayHoldAnything) {
  const std::string odd = "\"'\\\n\r\t\x01\x7F\xC2\x80\xEF\xBB\xBF''' # ]";
  Workflow workflow = With(
      {.title = odd,
       .tool = odd,
       .prompt = odd,
       .tier = odd,
       .on_fail = {FailAction::Kind::kDelegate, 0, odd},
       .blocks = {{.number = 1,
                   .condition = {.kind = Condition::Kind::kText, .text = odd}},
                  {.kind = Block::Kind::kFor,
                   .number = 2,
                   .variable = "v",
                   .collection = odd,
                   .max_iterations = 50}},
       .session = odd});
  workflow.name = workflow.description = workflow.version = odd;
  workflow.variables = {{.name = "v", .default_value = odd}};
  Written(workflow);
}

TEST(FormatWorkflow, ConditionsAreTakenApartAsTheyWerePutTogether) {
  const Condition a = Variable("A");
  const Condition both = Of(Condition::Kind::kAnd, {a, Variable("B")});
  for (const std::vector<Condition>& conditions :
       std::vector<std::vector<Condition>>{
           {both}, {a, both}, {both, a}, {both, both}, {a, a, a}}) {
    Step step;
    for (const Condition& condition : conditions) {
      step.blocks.push_back({.number = static_cast<int>(step.blocks.size()) + 1,
                             .condition = condition});
    }
    Written(With(std::move(step)));
  }
}

// As the older csa made them.
constexpr char kOlderFile[] = R"toml([plan]
name = "old"
description = "d"

[[plan.variables]]
name = "X"
default = "1"

[[plan.steps]]
id = 1
title = "One"
tool = "bash"
prompt = "ls"
on_fail = {retry = 3}
condition = "(${A}) && (!(${B}))"
unknown = true

[[plan.steps]]
id = 2
title = "Two"
loop_var = {variable = "x", collection = "${L}"}
depends_on = []

[plan.steps.on_fail]
delegate = "codex"

[[plan.steps]]
id = 3
title = "Three"
on_fail = "abort"
loop_var = {variable = "x", collection = "${L}"}
condition = "${x}"

[[plan.steps]]
id = 4
title = "Four"

[plan.steps.loop_var]
variable = "x"
collection = "${L}"
max_iterations = 5
)toml";

TEST(ParseWorkflow, ReadsFilesOfTheOlderCsa) {
  const Workflow workflow = Read(kOlderFile);
  EXPECT_EQ(workflow.name, "old");
  EXPECT_EQ(
      workflow.variables,
      (std::vector<WorkflowVariable>{{.name = "X", .default_value = "1"}}));
  ASSERT_THAT(workflow.steps, SizeIs(4));
  EXPECT_EQ(workflow.steps[0].on_fail,
            (FailAction{FailAction::Kind::kRetry, 3, ""}));
  EXPECT_EQ(workflow.steps[1].on_fail,
            (FailAction{FailAction::Kind::kDelegate, 0, "codex"}));
  EXPECT_EQ(workflow.steps[2].on_fail, FailAction());
  EXPECT_THAT(workflow.steps[0].blocks,
              ElementsAre(Block{
                  .number = 1,
                  .condition = Of(Condition::Kind::kAnd,
                                  {Variable("A"), Of(Condition::Kind::kNot,
                                                     {Variable("B")})})}));
  const Block loop = {.kind = Block::Kind::kFor,
                      .number = 2,
                      .variable = "x",
                      .collection = "${L}"};
  EXPECT_THAT(workflow.steps[1].blocks, ElementsAre(loop));
  EXPECT_THAT(
      workflow.steps[2].blocks,
      ElementsAre(loop, Block{.number = 3, .condition = Variable("x")}));
  Block other = loop;
  other.number = 4;
  other.max_iterations = 5;
  EXPECT_THAT(workflow.steps[3].blocks, ElementsAre(other));
  Written(workflow);
}

TEST(ParseWorkflow, LoopsMayNest) {
  const Step step = ReadStep(
      "condition = \"${A}\"\nloop_var = [{variable = \"x\", collection = \"\"},"
      " {variable = \"y\", collection = \"b\", max_iterations = 50}]\n");
  ASSERT_THAT(step.blocks, SizeIs(3));
  EXPECT_EQ(step.blocks[0].variable, "x");
  EXPECT_EQ(step.blocks[1].max_iterations, 50);
  EXPECT_EQ(step.blocks[2].kind, Block::Kind::kIf);
}

// Else the second step would stand in the block of the first.
TEST(ParseWorkflow, NumbersThatAreGivenAreNotGivenAgain) {
  const Workflow workflow = Read(
      "[workflow]\nname = \"x\"\n"
      "[[workflow.steps]]\nid = 1\ncondition = \"${A}\"\nblocks = [\"if 1\"]\n"
      "[[workflow.steps]]\nid = 2\ncondition = \"${B}\"\n"
      "[[workflow.steps]]\nid = 3\n"
      "loop_var = {variable = \"x\", collection = \"\"}\n");
  ASSERT_THAT(workflow.steps, SizeIs(3));
  EXPECT_EQ(workflow.steps[1].blocks[0].number, 2);
  EXPECT_EQ(workflow.steps[2].blocks[0].number, 3);
}

TEST(ParseWorkflow, ReadsTimes) {
  EXPECT_EQ(ReadStep("timeout_seconds = 1").timeout, absl::Seconds(1));
  EXPECT_EQ(ReadStep("timeout_seconds = 0.25").timeout,
            absl::Milliseconds(250));
  EXPECT_EQ(ReadStep("timeout_seconds = 3153600000").timeout, kLongestTimeout);
  for (const char* seconds :
       {"0", "-1", "0.0001", "nan", "inf", "\"1\"", "3153600001", "true"}) {
    EXPECT_EQ(FaultOf(absl::StrCat("timeout_seconds = ", seconds)),
              "line 5: timeout_seconds must be a number above 0")
        << seconds;
  }
}

}  // namespace
}  // namespace csa
