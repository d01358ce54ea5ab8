#include "common/workflow/hints.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Read {
  PatternNode step;
  std::vector<std::string> warnings;  // "LINE:COLUMN: MESSAGE"
};

// The step whose body, from line 5 on, is `text`.
Read ReadBody(const std::string& text) {
  std::vector<SourceLine> body;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    body.push_back({static_cast<int>(body.size()) + 5, line});
  }
  Read read;
  Diagnostics diagnostics;
  ReadHints("p", body, read.step, diagnostics);
  for (const Diagnostic& fault : diagnostics.list()) {
    EXPECT_EQ(fault.severity, Diagnostic::Severity::kWarning);
    EXPECT_EQ(fault.file, "p");
    read.warnings.push_back(
        absl::StrCat(fault.line, ":", fault.column, ": ", fault.message));
  }
  return read;
}

// The step with the hint `line`, which is understood.
PatternNode Given(const std::string& line) {
  const Read read = ReadBody(absl::StrCat(line, "\n\nDo it."));
  EXPECT_THAT(read.warnings, IsEmpty()) << line;
  EXPECT_EQ(read.step.prompt, "Do it.") << line;
  return read.step;
}

// Expects that `line` is taken for text, as a message about its column says.
void ExpectText(const std::string& line, int column,
                const std::string& message) {
  const Read read = ReadBody(absl::StrCat("\n", line, "\nDo it."));
  EXPECT_THAT(
      read.warnings,
      ElementsAre(StartsWith(absl::StrCat("6:", column, ": ", message))))
      << line;
  PatternNode untouched;
  untouched.prompt = absl::StrCat(line, "\nDo it.");
  EXPECT_EQ(read.step, untouched) << line;
}

TEST(ReadHints, Tool) {
  EXPECT_EQ(Given("Tool: bash").tool, "bash");
  EXPECT_EQ(Given("tool:\tgemini-cli_2.0 ").tool, "gemini-cli_2.0");
  ExpectText("Tool: two words", 7, "Tool is taken for text: a tool is one");
  ExpectText("Tool: -x", 7, "Tool is taken for text: ");
  ExpectText("Tool: ${TOOL}", 7, "Tool is taken for text: ");
  ExpectText("Tool:", 6, "Tool is taken for text: it has no value");
  ExpectText("Tool: \t ", 9, "Tool is taken for text: it has no value");
}

TEST(ReadHints, Tier) {
  EXPECT_EQ(Given("Tier: quick").tier, "quick");
  EXPECT_EQ(Given("Tier: ${TIER:-quick one}").tier, "${TIER:-quick one}");
  ExpectText("Tier: ${A}${B}", 7, "Tier is taken for text: a tier is one word");
  ExpectText("Tier: a${B}", 7, "Tier is taken for text: ");
  ExpectText("Tier: $B", 7, "Tier is taken for text: ");
}

TEST(ReadHints, OnFail) {
  using Kind = FailAction::Kind;
  EXPECT_EQ(Given("OnFail: abort").on_fail, FailAction());
  EXPECT_EQ(Given("OnFail: Skip").on_fail, (FailAction{Kind::kSkip, 0, ""}));
  EXPECT_EQ(Given("OnFail: retry").on_fail, (FailAction{Kind::kRetry, 3, ""}));
  EXPECT_EQ(Given("OnFail: RETRY \t1").on_fail,
            (FailAction{Kind::kRetry, 1, ""}));
  EXPECT_EQ(Given("OnFail: retry 50").on_fail,
            (FailAction{Kind::kRetry, 50, ""}));
  EXPECT_EQ(Given("OnFail: delegate codex").on_fail,
            (FailAction{Kind::kDelegate, 0, "codex"}));
  for (const char* value :
       {"retry 0", "retry 51", "retry -1", "retry x", "retry 1 2", "skip it",
        "abort now", "delegate", "delegate a b", "delegate ${X}", "ignore",
        "retry 99999999999"}) {
    ExpectText(absl::StrCat("OnFail: ", value), 9,
               "OnFail is taken for text: it can be abort, skip, retry N (1 to "
               "50) or delegate TOOL");
  }
}

TEST(ReadHints, Session) {
  EXPECT_EQ(Given("Session: ${STEP_1_SESSION}").session, "${STEP_1_SESSION}");
  EXPECT_EQ(Given("Session: ${S:-}").session, "${S:-}");
  ExpectText("Session: main", 10, "Session is taken for text: a session is a");
  ExpectText("Session: ${S} x", 10, "Session is taken for text: ");
}

TEST(ReadHints, ConditionOfTheStep) {
  const Condition x = {.kind = Condition::Kind::kVariable, .text = "X"};
  EXPECT_EQ(Given("Condition: ${X}").own_condition, x);
  EXPECT_EQ(Given("Condition: !${X}").own_condition,
            (Condition{.kind = Condition::Kind::kNot, .operands = {x}}));
  ExpectText("Condition: ${X} ==", 19, "Condition is taken for text: expected");
  ExpectText("Condition: if it rains", 12, "Condition is taken for text: ");
  ExpectText("Condition: ä && ${X}", 12, "Condition is taken for text: ");
  ExpectText("Condition: ${X} && \"\xC3\xA4\" || y", 27,
             "Condition is taken for text: text stands in double quotes");
}

// Else a step would run at all times because of what is said about it.
TEST(ReadHints, F44_ARemarkBehindAConditionIsDropped) {
  const Read read = ReadBody("Condition: ${X} (only then)\n\nDo it.");
  EXPECT_EQ(read.step.own_condition,
            (Condition{.kind = Condition::Kind::kVariable, .text = "X"}));
  EXPECT_EQ(read.step.prompt, "Do it.");
  EXPECT_THAT(read.warnings,
              ElementsAre("5:17: this is no condition, and left out"));
}

TEST(ReadHints, MaxIterations) {
  EXPECT_EQ(Given("MaxIterations: 1").max_iterations, 1);
  EXPECT_EQ(Given("maxiterations: 50").max_iterations, 50);
  for (const char* value : {"0", "51", "-3", "ten", "3.5", "4294967297"}) {
    ExpectText(absl::StrCat("MaxIterations: ", value), 16,
               "MaxIterations is taken for text: it can be 1 to 50");
  }
}

TEST(ReadHints, Timeout) {
  EXPECT_EQ(Given("Timeout: 90").timeout, absl::Seconds(90));
  EXPECT_EQ(Given("Timeout: 1h30m").timeout, absl::Minutes(90));
  EXPECT_EQ(Given("Timeout: 1.5ms").timeout, absl::Milliseconds(1));
  EXPECT_EQ(Given("Timeout: 36500d").timeout, absl::Hours(876000));
  ExpectText("Timeout: soon", 10, "Timeout is taken for text: 'soon' is no");
  ExpectText("Timeout: 0", 10, "Timeout is taken for text: ");
  ExpectText("Timeout: 1us", 10, "Timeout is taken for text: it can be 1ms to");
  ExpectText("Timeout: 36501d", 10, "Timeout is taken for text: it can be 1ms");
}

TEST(ReadHints, StandInAnyOrderAmongBlankLinesAndQuotes) {
  const Read read = ReadBody(
      "\n> A quote.\nTimeout: 5m\n \t\n  > Another.\nTool: bash\nTier: a\n\n"
      "OnFail: skip\n\nDo it.\nTool: codex\n> Session: x\n");
  EXPECT_THAT(read.warnings, IsEmpty());
  EXPECT_EQ(read.step.tool, "bash");
  EXPECT_EQ(read.step.tier, "a");
  EXPECT_EQ(read.step.timeout, absl::Minutes(5));
  EXPECT_EQ(read.step.on_fail.kind, FailAction::Kind::kSkip);
  EXPECT_THAT(read.step.prompt, StartsWith("> A quote.\n"));
  EXPECT_THAT(read.step.prompt, HasSubstr("Do it.\nTool: codex\n> Session: x"));
}

TEST(ReadHints, StandBehindNoText) {
  for (const char* body :
       {"Do it.\nTool: bash", "```\nTool: bash\n```", "Note: x\nTool: bash",
        "* Tool: bash", " Tool: bash", "Tool : bash", "**Tool:** bash",
        "Toolbox: bash", "### a\nTool: bash"}) {
    const Read read = ReadBody(body);
    EXPECT_EQ(read.step.tool, "") << body;
    EXPECT_THAT(read.warnings, IsEmpty()) << body;
  }
}

TEST(ReadHints, WhatIsNotUnderstoodHidesNoHintBehindIt) {
  const Read read = ReadBody("Timeout: soon\nTool: bash\n\nDo it.");
  EXPECT_EQ(read.warnings.size(), 1);
  EXPECT_EQ(read.step.tool, "bash");
  EXPECT_EQ(read.step.prompt, "Timeout: soon\n\nDo it.");
}

TEST(ReadHints, TheFirstOfTwoHolds) {
  const Read read = ReadBody("Tool: bash\nTOOL: codex\nDo it.");
  EXPECT_EQ(read.step.tool, "bash");
  EXPECT_EQ(read.step.prompt, "TOOL: codex\nDo it.");
  EXPECT_THAT(read.warnings, ElementsAre("6:7: Tool is taken for text: it "
                                         "stands here for the second time"));
}

TEST(ReadHints, ThePromptIsTheRest) {
  EXPECT_EQ(ReadBody("").step.prompt, "");
  EXPECT_EQ(ReadBody("Tool: bash\n\n\n").step.prompt, "");
  EXPECT_EQ(ReadBody("\n\na\n\n  b  \n\n").step.prompt, "a\n\n  b");
  // The indent of the first line is part of what it says.
  EXPECT_EQ(ReadBody("Tool: bash\n\n    a\n    b\n").step.prompt,
            "    a\n    b");
}

}  // namespace
}  // namespace csa
