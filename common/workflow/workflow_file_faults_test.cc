// What ParseWorkflow refuses, and what it says of that.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/workflow/workflow_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// What is wrong with the file `toml`.
std::string FaultOfFile(absl::string_view toml) {
  const absl::StatusOr<Workflow> workflow = ParseWorkflow(toml);
  EXPECT_TRUE(absl::IsInvalidArgument(workflow.status())) << toml;
  return std::string(workflow.status().message());
}

// The same of a file whose fifth line, in the first step, `toml` is.
std::string FaultOf(absl::string_view toml) {
  return FaultOfFile(absl::StrCat(
      "[workflow]\nname = \"x\"\n[[workflow.steps]]\nid = 1\n", toml));
}

// A step with this id and these lines.
std::string StepOf(int id, absl::string_view toml) {
  return absl::StrCat("[[workflow.steps]]\nid = ", id, "\n", toml, "\n");
}

// A step with the condition and the blocks, both as they are written.
std::string StepIn(int id, absl::string_view condition,
                   absl::string_view blocks) {
  return StepOf(id, absl::StrCat("condition = '", condition, "'\nblocks = [",
                                 blocks, "]"));
}

// What is wrong with a file of these steps, which begin at the third line.
std::string FaultOfSteps(absl::string_view steps) {
  return FaultOfFile(absl::StrCat("[workflow]\nname = \"x\"\n", steps));
}

TEST(ParseWorkflow, SaysWhatIsNoWorkflow) {
  EXPECT_EQ(FaultOfFile(""),
            "line 1: there is no table [workflow]: this is no workflow");
  EXPECT_THAT(FaultOfFile("workflow = 1"), HasSubstr("no table [workflow]"));
  EXPECT_EQ(FaultOfFile("\n[workflow]\n"), "line 2: name is missing, or empty");
  EXPECT_EQ(FaultOfFile("[[plan.steps]]\nid = 1\n"),
            "line 1: name is missing, or empty");
  EXPECT_EQ(FaultOfFile("plan.a.name = 'x'"),
            "line 1: name is missing, or empty");
  EXPECT_EQ(FaultOfFile("[workflow]\nname = \"\"\n"),
            "line 1: name is missing, or empty");
  EXPECT_THAT(FaultOfFile("[workflow]\nname = x\n"), StartsWith("line 2: "));
  EXPECT_THAT(FaultOfFile("[workflow]\nname = 1\n"), "line 2: name is no text");
}

TEST(ParseWorkflow, SaysWhatIsNoText) {
  for (const char* key :
       {"title", "tool", "prompt", "tier", "session", "condition"}) {
    EXPECT_EQ(FaultOf(absl::StrCat(key, " = 1")),
              absl::StrCat("line 5: ", key, " is no text"));
  }
}

TEST(ParseWorkflow, RefusesANul) {
  for (const char* key :
       {"title", "tool", "prompt", "tier", "session", "condition"}) {
    EXPECT_EQ(FaultOf(absl::StrCat(key, R"( = "a\u0000b")")),
              absl::StrCat("line 5: ", key, " has a NUL"));
  }
  for (const char* toml : {R"(name = "\u0000")", R"(name = "x"
description = "\u0000")",
                           R"(name = "x"
version = "\u0000")",
                           R"(name = "x"
variables = [{name = "x", default = "\u0000"}])"}) {
    EXPECT_THAT(FaultOfFile(absl::StrCat("[workflow]\n", toml)),
                HasSubstr(" has a NUL"));
  }
  EXPECT_THAT(FaultOf(R"(on_fail = {delegate = "\u0000"})"),
              "line 5: delegate has a NUL");
  EXPECT_THAT(FaultOf(R"(loop_var = {variable = "x", collection = "\u0000"})"),
              "line 5: collection has a NUL");
  EXPECT_THAT(FaultOf(absl::string_view("prompt = '''a\0'''", 17)),
              StartsWith("line 5: "));
}

TEST(ParseWorkflow, SaysWhatIsNoVariable) {
  const auto fault_of = [](absl::string_view toml) {
    return FaultOfFile(absl::StrCat("[workflow]\nname = \"x\"\n", toml));
  };
  EXPECT_EQ(fault_of("variables = 1"), "line 3: variables is no list");
  EXPECT_EQ(fault_of("variables = [1]"), "line 3: variables must be tables");
  for (const char* name : {"", "1a", "a-b", "a b", "${a}"}) {
    EXPECT_EQ(
        fault_of(absl::StrCat("[[workflow.variables]]\nname = \"", name, "\"")),
        "line 3: a variable's name has letters, digits and '_' only");
  }
  EXPECT_EQ(fault_of("[[workflow.variables]]\nname = \"a\"\ndefault = 1"),
            "line 5: default is no text");
}

TEST(ParseWorkflow, IdsAreCounted) {
  const std::string first = StepOf(1, "");
  EXPECT_EQ(FaultOfSteps(StepOf(2, "")),
            "line 4: the id of this step must be 1: they are counted from 1");
  EXPECT_EQ(FaultOfSteps(first + first),
            "line 7: the id of this step must be 2: they are counted from 1");
  EXPECT_EQ(FaultOfSteps("[[workflow.steps]]\ntitle = \"x\"\n"),
            "line 3: the id of this step must be 1: they are counted from 1");
  EXPECT_THAT(FaultOfSteps("[[workflow.steps]]\nid = \"1\"\n"),
              StartsWith("line 4: the id"));
  EXPECT_EQ(FaultOfSteps("steps = {}"), "line 3: steps is no list");
}

TEST(ParseWorkflow, DependenciesAreOfStepsBefore) {
  EXPECT_EQ(FaultOf("depends_on = 1"), "line 5: depends_on is no list");
  EXPECT_EQ(FaultOf("depends_on = [1]"),
            "line 5: there is no step before the first");
  const std::string first = StepOf(1, "");
  for (const char* ids : {"2", "0", "-1", "1, 9999999999", "\"1\"", "1.5"}) {
    EXPECT_EQ(FaultOfSteps(absl::StrCat(
                  first, StepOf(2, absl::StrCat("depends_on = [", ids, "]")))),
              "line 8: depends_on must be a number from 1 to 1")
        << ids;
  }
}

TEST(ParseWorkflow, SaysWhatCanHoldOnFailure) {
  const std::string known =
      "line 5: on_fail must be \"abort\", \"skip\", {retry = N} or {delegate = "
      "\"TOOL\"}";
  for (const char* action : {"\"\"", "\"retry\"", "\"Skip\"", "1", "{}",
                             "{skip = true}", "[]", "true"}) {
    EXPECT_EQ(FaultOf(absl::StrCat("on_fail = ", action)), known) << action;
  }
  for (const char* retry : {"0", "51", "\"3\"", "1.0"}) {
    EXPECT_EQ(FaultOf(absl::StrCat("on_fail = {retry = ", retry, "}")),
              "line 5: retry must be a number from 1 to 50");
  }
  EXPECT_EQ(FaultOf("on_fail = {delegate = 1}"), "line 5: delegate is no text");
}

TEST(ParseWorkflow, SaysWhatIsNoCondition) {
  EXPECT_EQ(FaultOf("condition = \"\""),
            "line 5: condition: the condition is empty");
  EXPECT_THAT(FaultOf("condition = \"A == 1\""),
              StartsWith("line 5: condition: text stands in double quotes"));
}

TEST(ParseWorkflow, SaysWhatIsNoLoop) {
  EXPECT_EQ(FaultOf("loop_var = \"x\""), "line 5: loop_var is no list");
  EXPECT_EQ(FaultOf("loop_var = [1]"), "line 5: loop_var must be tables");
  EXPECT_THAT(FaultOf("loop_var = {variable = \"1\", collection = \"\"}"),
              StartsWith("line 5: the variable of a loop has no name"));
  EXPECT_THAT(FaultOf("loop_var = {collection = \"\"}"),
              StartsWith("line 5: the variable of a loop has no name"));
  for (const char* most : {"0", "51", "\"1\"", "1.5"}) {
    EXPECT_EQ(
        FaultOf(absl::StrCat(
            "loop_var = {variable = \"x\", max_iterations = ", most, "}")),
        "line 5: max_iterations must be a number from 1 to 50");
  }
  std::string loops;
  for (int i = 0; i < 101; ++i) loops += "{variable = \"x\"}, ";
  EXPECT_THAT(FaultOf(absl::StrCat("loop_var = [", loops, "]")),
              HasSubstr("more than 100 loops"));
}

TEST(ParseWorkflow, SaysWhatIsNoBlock) {
  const std::string known = R"(line 6: a block is "if N", "else N" or "for N")";
  for (const char* block :
       {"\"\"", "\"if\"", "\"if 0\"", "\"if -1\"", "\"if 01\"", "\"if +1\"",
        "\"if 1 \"", "\" if 1\"", "\"while 1\"", "\"if 99999999999\"", "1",
        "\"if 2147483647\"", "[]"}) {
    EXPECT_EQ(
        FaultOf(absl::StrCat("condition = '${A}'\nblocks = [", block, "]")),
        known)
        << block;
  }
  EXPECT_EQ(FaultOf("blocks = \"if 1\""),
            "line 5: blocks must be a list of at most 100");
}

TEST(ParseWorkflow, BlocksNameConditionsAndLoops) {
  const std::string fault =
      ": blocks must name each part of condition and each loop_var";
  EXPECT_EQ(FaultOf("blocks = [\"if 1\"]"), "line 5" + fault);
  EXPECT_EQ(FaultOf("blocks = [\"for 1\"]"), "line 5" + fault);
  EXPECT_EQ(FaultOf("condition = '${A}'\nblocks = []"), "line 6" + fault);
  EXPECT_EQ(FaultOf("condition = '${A}'\nblocks = [\"if 1\", \"if 2\"]"),
            "line 6" + fault);
  EXPECT_EQ(
      FaultOf("condition = '${A} || ${B}'\nblocks = [\"if 1\", \"if 2\"]"),
      "line 6" + fault);
  EXPECT_EQ(FaultOf("condition = '${A} && ${B} && ${C}'\n"
                    "blocks = [\"if 1\", \"if 2\"]"),
            "line 6" + fault);
  EXPECT_EQ(FaultOf("loop_var = {variable = \"x\"}\n"
                    "blocks = [\"for 1\", \"for 2\"]"),
            "line 6" + fault);
}

TEST(ParseWorkflow, ABlockIsTheSameInAllItsSteps) {
  const std::string fault =
      "line 10: the block 1 is another one in the step before";
  const std::string first = StepIn(1, "${A}", "\"if 1\"");
  EXPECT_EQ(FaultOfSteps(first + StepIn(2, "${B}", "\"if 1\"")), fault);
  EXPECT_EQ(FaultOfSteps(first + StepIn(2, "${A}", "\"else 1\"")), fault);
  EXPECT_EQ(FaultOfSteps(first + StepIn(2, "!${B}", "\"else 1\"")), fault);
  EXPECT_EQ(
      FaultOfSteps(first + StepOf(2,
                                  "loop_var = {variable = \"x\"}\nblocks = "
                                  "[\"for 1\"]")),
      fault);
  // Inside of one that goes on.
  EXPECT_EQ(FaultOfSteps(StepIn(1, "${A} && ${B}", "\"if 2\", \"if 1\"") +
                         StepIn(2, "${A} && ${C}", "\"if 2\", \"if 1\"")),
            fault);
  EXPECT_TRUE(ParseWorkflow(absl::StrCat("[workflow]\nname = \"x\"\n", first,
                                         StepIn(2, "!${A}", "\"else 1\""),
                                         StepIn(3, "!${A} && ${C}",
                                                "\"else 1\", "
                                                "\"if 2\""),
                                         StepIn(4, "${D}", "\"if 3\"")))
                  .ok());
}

TEST(ParseWorkflow, AnElseComesBehindItsIf) {
  const std::string other = StepIn(1, "!${A}", "\"else 1\"");
  EXPECT_EQ(FaultOfSteps(other + StepIn(2, "${A}", "\"if 1\"")),
            "line 10: the block 1 is another one in the step before");
}

TEST(ParseWorkflow, HostileFilesAreSoonRefused) {
  for (const std::string& toml :
       {std::string(1 << 20, '\0'), std::string(1 << 20, '['),
        std::string(1 << 20, '\n'), std::string(1 << 20, '\xFF'),
        "[workflow]\nname = \"x\"\nsteps = " + std::string(1 << 20, '['),
        absl::StrCat("[workflow]\nname = \"x\"\n[[workflow.steps]]\nid = 1\n"
                     "condition = \"",
                     std::string(1 << 20, '('), "\"")}) {
    const std::string fault = FaultOfFile(toml);
    EXPECT_THAT(fault, StartsWith("line "));
    EXPECT_LT(fault.size(), 1000);
  }
}

}  // namespace
}  // namespace csa
