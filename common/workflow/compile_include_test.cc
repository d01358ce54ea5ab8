// The INCLUDE of patterns, those that are there to break it among them.

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/testing/repeat.h"
#include "common/workflow/compile.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Loader = std::function<std::string(absl::string_view reference)>;

std::string PatternOf(absl::string_view text) {
  return absl::StrCat("---\nname = \"x\"\n---\n", text);
}

struct Compiled {
  Workflow workflow;
  std::vector<std::string> faults;  // "FILE:LINE:COLUMN: error: MESSAGE"
  int loaded = 0;                   // files
};

// Compiles what `load` gives for "top". "" is no file.
Compiled CompileTop(const Loader& load) {
  Compiled compiled;
  Diagnostics diagnostics;
  compiled.workflow = CompilePattern(
      {"top", PatternOf(load("top"))},
      [&](absl::string_view including,
          absl::string_view reference) -> absl::StatusOr<SourceFile> {
        EXPECT_FALSE(including.empty());
        ++compiled.loaded;
        const std::string text = load(reference);
        if (text.empty()) {
          return absl::NotFoundError(absl::StrCat(reference, " is not there"));
        }
        return SourceFile{std::string(reference), PatternOf(text)};
      },
      diagnostics);
  for (const Diagnostic& fault : diagnostics.list()) {
    const std::string text = FormatDiagnostic(fault);
    compiled.faults.push_back(text.substr(0, text.find('\n')));
  }
  return compiled;
}

Compiled CompileFiles(const std::map<std::string, std::string>& files) {
  return CompileTop([&](absl::string_view reference) {
    const auto file = files.find(std::string(reference));
    return file == files.end() ? "" : file->second;
  });
}

TEST(Include, StandsInTheBlocksAroundIt) {
  const Compiled compiled = CompileFiles(
      {{"top",
        "## IF ${A}\n## FOR x IN ${L}\n## INCLUDE b\n## ENDFOR\n"
        "## ELSE\n## INCLUDE b\n## ENDIF\n## End\n"},
       {"b", "Text.\n## FOR y IN ${M}\n## One\n## ENDFOR\n## Two\n"}});
  EXPECT_THAT(compiled.faults, IsEmpty());
  std::vector<std::string> steps;
  for (const Step& step : compiled.workflow.steps) {
    std::string blocks;
    for (const Block& block : step.blocks) {
      absl::StrAppend(&blocks, " ",
                      block.kind == Block::Kind::kIf     ? "if"
                      : block.kind == Block::Kind::kElse ? "else"
                                                         : block.variable,
                      block.number);
    }
    steps.push_back(absl::StrCat(step.id, " ", step.title, blocks));
  }
  EXPECT_THAT(steps, ElementsAre("1 One if1 x2 y3", "2 Two if1 x2",
                                 "3 One else1 y4", "4 Two else1", "5 End"));
  EXPECT_EQ(compiled.workflow.name, "x");
}

TEST(Include, StepsHaveTheNumbersOfTheWorkflow) {
  const Compiled compiled = CompileFiles(
      {{"top", "## A\n## INCLUDE b\n## D\nTool: csa\n\n${STEP_3_OUTPUT}\n"},
       {"b",
        "## B\nTool: bash\n\necho $STEP_1_OUTPUT\n## INCLUDE c\n"
        "## FOR x IN ${STEP_1_OUTPUT}\n## F\nTool: codex\n"
        "Tier: ${STEP_1_OUTPUT}\nSession: ${STEP_1_SESSION}\n"
        "Condition: ${STEP_2_EXIT} == \"0\"\n\n${STEP_2_OUTPUT}\n"
        "## ENDFOR\n"},
       {"c",
        "## IF ${STEP_1_EXIT}\n## C\nTool: csa\n\n${STEP_1_OUTPUT}\n"
        "## ENDIF\n"}});
  EXPECT_THAT(compiled.faults, IsEmpty());
  const std::vector<Step>& steps = compiled.workflow.steps;
  ASSERT_THAT(steps, SizeIs(5));
  EXPECT_EQ(steps[1].prompt, "echo $STEP_2_OUTPUT");
  EXPECT_EQ(steps[2].prompt, "${STEP_3_OUTPUT}");
  EXPECT_EQ(FormatConditions(steps[2]), "${STEP_3_EXIT}");
  EXPECT_EQ(steps[3].prompt, "${STEP_3_OUTPUT}");
  EXPECT_EQ(steps[3].tier, "${STEP_2_OUTPUT}");
  EXPECT_EQ(steps[3].session, "${STEP_2_SESSION}");
  EXPECT_EQ(steps[3].blocks[0].collection, "${STEP_2_OUTPUT}");
  EXPECT_EQ(FormatConditions(steps[3]), "${STEP_3_EXIT} == \"0\"");
  EXPECT_THAT(steps[3].depends_on, ElementsAre(2, 3));
  // Those of a file count what it includes.
  EXPECT_EQ(steps[4].prompt, "${STEP_3_OUTPUT}");
}

// A step there is of the file whose blocks these are.
TEST(Include, BlocksAroundItMayMentionOtherSteps) {
  const Compiled compiled = CompileFiles(
      {{"top",
        "## A\n## IF ${STEP_1_EXIT}\n## FOR x IN ${STEP_1_OUTPUT}\n"
        "## INCLUDE b\n## ENDFOR\n## ENDIF\n"},
       {"b",
        "## B\n## C\nTool: csa\nCondition: ${STEP_0_EXIT}\n\n"
        "${STEP_1_OUTPUT} ${STEP_3_EXIT}\n"}});
  EXPECT_THAT(compiled.faults,
              ElementsAre("b:5:1: warning: it mentions the outcome of step 0, "
                          "and there is no such step",
                          "b:5:1: warning: it mentions the outcome of step 3, "
                          "and there is no such step"));
  EXPECT_THAT(compiled.workflow.steps[2].depends_on, ElementsAre(1, 2));
}

TEST(Include, WhatIsWrongIsSaidOfTheFileThatItIsIn) {
  const Compiled compiled = CompileFiles(
      {{"top", "## FOR x IN ${L}\n## INCLUDE b\n## ENDFOR\n## INCLUDE d\n"},
       {"b",
        "\n## A\nTool: a b\n## IF\n## ENDIF\n## FOR x IN y\n## B\n"
        "Tool: csa\n\n${STEP_5_EXIT}\n## ENDFOR\n"}});
  EXPECT_THAT(compiled.faults,
              ElementsAre(StartsWith("b:6:7: warning: Tool is taken for text"),
                          "b:7:6: error: the condition is empty",
                          "b:9:1: error: a loop around this one has the same "
                          "variable",
                          "b:10:1: warning: it mentions the outcome of step 5, "
                          "and there is no such step",
                          "top:7:1: error: d is not there"));
}

TEST(Include, ACycleIsPrinted) {
  EXPECT_THAT(CompileFiles({{"top", "## INCLUDE top\n"}}).faults,
              ElementsAre("top:4:1: error: a pattern cannot include itself: "
                          "top includes top"));
  EXPECT_THAT(CompileFiles({{"top", "## A\n## INCLUDE b\n"},
                            {"b", "## INCLUDE c\n"},
                            {"c", "\n## INCLUDE d\n## INCLUDE b\n"},
                            {"d", "## D\n"}})
                  .faults,
              ElementsAre("c:6:1: error: a pattern cannot include itself: b "
                          "includes c includes b"));
  EXPECT_THAT(
      CompileFiles({{"top", "## INCLUDE b\n## INCLUDE b\n"}, {"b", "## B\n"}})
          .faults,
      IsEmpty());
}

TEST(Include, BlocksAroundItCount) {
  const auto compile = [](size_t outside, size_t inside) {
    return CompileFiles(
        {{"top", absl::StrCat(Repeat("## IF ${A}\n", outside), "## INCLUDE b\n",
                              Repeat("## ENDIF\n", outside))},
         {"b", absl::StrCat(Repeat("## IF ${A}\n", inside), "## x\n",
                            Repeat("## ENDIF\n", inside))}});
  };
  EXPECT_THAT(compile(60, 4).faults, IsEmpty());
  EXPECT_THAT(compile(60, 5).faults,
              ElementsAre(StartsWith("b:8:1: error: no more than 64 of IF")));
}

// Each of twenty includes the next one twice.
TEST(Include, DoesNotGrowWithoutEnd) {
  const Compiled compiled = CompileTop([](absl::string_view reference) {
    const size_t number = reference == "top" ? 0 : reference.size();
    if (number == 20) return std::string("## x\n");
    const std::string next(number + 1, 'p');
    return absl::StrCat("## INCLUDE ", next, "\n## INCLUDE ", next, "\n");
  });
  EXPECT_THAT(compiled.faults,
              ElementsAre(HasSubstr("error: more than 1000 patterns would be "
                                    "included")));
  EXPECT_EQ(compiled.loaded, 1000);
}

TEST(Include, MayBeDeep) {
  const auto chain = [](size_t length) {
    return CompileTop([length](absl::string_view reference) {
      const size_t number = reference == "top" ? 0 : reference.size();
      return number == length
                 ? std::string("## x\n")
                 : absl::StrCat("## INCLUDE ", std::string(number + 1, 'p'));
    });
  };
  EXPECT_THAT(chain(1000).faults, IsEmpty());
  EXPECT_THAT(chain(1001).faults, SizeIs(1));
}

// What is included is not kept in memory for long.
TEST(Include, ManyLongFilesAreTooLarge) {
  std::string text(1'000'000, '#');
  const Compiled compiled =
      CompileTop([&](absl::string_view reference) -> std::string {
        if (reference == "top") return Repeat("## INCLUDE b\n", 900);
        return text;
      });
  EXPECT_THAT(compiled.faults,
              ElementsAre(HasSubstr("error: the workflow is too large")));
  EXPECT_LT(compiled.loaded, 70);
}

TEST(Include, ManyOpenFilesAreTooLarge) {
  const std::string steps = Repeat("## a\n", 60'000);
  const Compiled compiled = CompileTop([&](absl::string_view reference) {
    const size_t number = reference == "top" ? 0 : reference.size();
    return absl::StrCat("## INCLUDE ", std::string(number + 1, 'p'), "\n",
                        number == 0 ? "" : steps);
  });
  EXPECT_THAT(compiled.faults,
              ElementsAre(HasSubstr("error: the workflow is too large")));
  EXPECT_LT(compiled.loaded, 5);
}

TEST(CompilePattern, ManyStepsInManyBlocksAreTooLarge) {
  const Compiled compiled = CompileTop([](absl::string_view) {
    return absl::StrCat(Repeat("## IF ${A}\n", 64), Repeat("## a\n", 100'000),
                        Repeat("## ENDIF\n", 64));
  });
  EXPECT_THAT(compiled.faults, ElementsAre(StartsWith("top:")));
  EXPECT_THAT(compiled.faults[0],
              HasSubstr(":1: error: the workflow is too large: too many steps, "
                        "in too many blocks"));
  EXPECT_LT(compiled.workflow.steps.size(), 10'000);
}

}  // namespace
}  // namespace csa
