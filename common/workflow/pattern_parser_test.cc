#include "common/workflow/pattern_parser.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/repeat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Parsed {
  Pattern pattern;
  std::vector<std::string> faults;  // "LINE:COLUMN: error: MESSAGE", of "p"
};

// The pattern whose lines from the third on are `text`.
Parsed Parse(absl::string_view text, int depth = 0) {
  const SourceFile file = {"p", absl::StrCat("---\nname = \"x\"\n---", text)};
  Diagnostics diagnostics;
  Parsed parsed;
  parsed.pattern = ParsePattern(file, depth, diagnostics);
  for (const Diagnostic& fault : diagnostics.list()) {
    const std::string shown = FormatDiagnostic(fault);
    parsed.faults.push_back(shown.substr(2, shown.find('\n') - 2));
  }
  return parsed;
}

std::string Render(const std::vector<PatternNode>& nodes);

std::string Render(const PatternNode& node) {
  switch (node.kind) {
    case PatternNode::Kind::kStep:
      return absl::StrCat("'", node.title, "'");
    case PatternNode::Kind::kInclude:
      return absl::StrCat("include ", node.reference);
    case PatternNode::Kind::kFor:
      return absl::StrCat("for ", node.variable, " in ", node.collection,
                          Render(node.body));
    case PatternNode::Kind::kIf:
      return absl::StrCat(
          "if ", FormatCondition(node.condition), Render(node.body),
          node.otherwise.empty() ? "" : " else" + Render(node.otherwise));
  }
  return "";
}

std::string Render(const std::vector<PatternNode>& nodes) {
  return absl::StrCat(
      " [",
      absl::StrJoin(nodes, ", ",
                    [](std::string* out, const PatternNode& node) {
                      absl::StrAppend(out, Render(node));
                    }),
      "]");
}

// What `text` gives, in which nothing is wrong.
std::string TreeOf(absl::string_view text) {
  const Parsed parsed = Parse(text);
  EXPECT_THAT(parsed.faults, IsEmpty()) << text;
  return Render(parsed.pattern.body);
}

std::vector<std::string> FaultsOf(absl::string_view text) {
  return Parse(text).faults;
}

TEST(ParsePattern, ReadsSteps) {
  const Parsed parsed = Parse("\nText.\n\n## Step 1: Look \nTool: bash\n\nls");
  EXPECT_THAT(parsed.faults, IsEmpty());
  EXPECT_EQ(parsed.pattern.name, "x");
  ASSERT_EQ(parsed.pattern.body.size(), 1);
  const PatternNode& step = parsed.pattern.body[0];
  EXPECT_EQ(step.title, "Look");
  EXPECT_EQ(step.tool, "bash");
  EXPECT_EQ(step.prompt, "ls");
  EXPECT_EQ(step.heading.line, 6);
  EXPECT_EQ(step.heading.text, "## Step 1: Look ");
}

TEST(ParsePattern, ATitleIsAnyHeadingThatIsNoDirective) {
  EXPECT_EQ(TreeOf("\n## Step 12:Look\n## Look\n##\tStep 1\n## step 1: a\n"
                   "## Step one: a\n## Iffy\n## if ${X}\n## For you\n"
                   "## IFS\n## ## x"),
            " ['Look', 'Look', 'Step 1', 'step 1: a', 'Step one: a', 'Iffy', "
            "'if ${X}', 'For you', 'IFS', '## x']");
  EXPECT_THAT(FaultsOf("\n## Step 1:\n##\n## Step 2: "),
              ElementsAre("4:1: error: a step needs a title",
                          "5:1: error: a step needs a title",
                          "6:1: error: a step needs a title"));
}

TEST(ParsePattern, ReadsBlocksInOneAnother) {
  EXPECT_EQ(
      TreeOf("\n## IF ${A}\n## One\n## FOR x IN ${L}\n##  IF\t${x} == \"1\" \n"
             "## Two\n## ELSE\n## Three\n## ENDIF \n## ENDFOR\n## ELSE\n"
             "## INCLUDE  other one \n## ENDIF\n## Four"),
      " [if ${A} ['One', for x in ${L} [if ${x} == \"1\" ['Two'] else "
      "['Three']]] else [include other one], 'Four']");
  EXPECT_EQ(TreeOf("\n## IF ${A}\n## ELSE\n## B\n## ENDIF\n## FOR x IN a b\n"
                   "## ENDFOR"),
            " [if ${A} [] else ['B'], for x in a b []]");
}

TEST(ParsePattern, ADirectiveInCodeIsText) {
  const Parsed parsed = Parse(
      "\n## A\n````sh\n```\n## IF x\n```\n## ENDFOR\n````\n~~~\n"
      "## ELSE\n```\n~~~\n## B\n");
  EXPECT_THAT(parsed.faults, IsEmpty());
  EXPECT_EQ(Render(parsed.pattern.body), " ['A', 'B']");
  EXPECT_EQ(parsed.pattern.body[0].prompt,
            "````sh\n```\n## IF x\n```\n## ENDFOR\n````\n~~~\n## ELSE\n```\n"
            "~~~");
}

TEST(ParsePattern, LinesMayEndAsOnWindows) {
  EXPECT_EQ(TreeOf("\r\n## IF ${A}\r\n## B\r\n## ELSE\r\n## C\r\n## ENDIF\r\n"),
            " [if ${A} ['B'] else ['C']]");
}

TEST(ParsePattern, SaysWhereAConditionIsWrong) {
  EXPECT_THAT(FaultsOf("\n## IF\n## ENDIF"),
              ElementsAre("4:6: error: the condition is empty"));
  EXPECT_THAT(FaultsOf("\n##\tIF  ${A} == \n## ENDIF"),
              ElementsAre(StartsWith("4:15: error: expected a value")));
  EXPECT_THAT(FaultsOf("\n## IF \"ä\" && x\n## ENDIF"),
              ElementsAre(StartsWith("4:14: error: text stands in double")));
  EXPECT_THAT(FaultsOf("\n## IF ${A} (when it is there)\n## ENDIF"),
              ElementsAre("4:12: warning: this is no condition, and left out"));
}

TEST(ParsePattern, SaysWhereALoopIsWrong) {
  const std::string message =
      "error: a loop is written: ## FOR name IN ${LIST}";
  EXPECT_THAT(FaultsOf("\n## FOR\n## ENDFOR"), ElementsAre("4:7: " + message));
  for (const char* loop :
       {"x", "x IN", "x in ${L}", "${x} IN ${L}", "1 IN ${L}", "x-y IN ${L}",
        "IN ${L}", "x, y IN ${L}"}) {
    EXPECT_THAT(FaultsOf(absl::StrCat("\n## FOR ", loop, "\n## ENDFOR")),
                ElementsAre("4:8: " + message))
        << loop;
  }
}

TEST(ParsePattern, SaysWhatIsOfNoBlock) {
  EXPECT_THAT(FaultsOf("\n## ELSE\n## ENDIF\n## ENDFOR"),
              ElementsAre("4:1: error: this ELSE is of no IF",
                          "5:1: error: this ENDIF ends no IF",
                          "6:1: error: this ENDFOR ends no FOR"));
  EXPECT_THAT(
      FaultsOf("\n## FOR x IN y\n## ELSE\n## ENDIF\n## ENDFOR"),
      ElementsAre("5:1: error: this ELSE is of no IF: the FOR of line 4 is to "
                  "end first",
                  "6:1: error: this ENDIF ends no IF: the FOR of line 4 is to "
                  "end first"));
  EXPECT_THAT(
      FaultsOf("\n## IF ${A}\n## ENDFOR\n## ELSE\n## ELSE\n## ENDIF"),
      ElementsAre("5:1: error: this ENDFOR ends no FOR: the IF of line 4 is to "
                  "end first",
                  "7:1: error: the IF of line 4 has an ELSE already"));
}

TEST(ParsePattern, SaysWhatDoesNotEnd) {
  EXPECT_THAT(FaultsOf("\n## IF ${A}\n## FOR x IN y\n## Step 1: z"),
              ElementsAre("4:1: error: this IF has no ENDIF",
                          "5:1: error: this FOR has no ENDFOR"));
}

TEST(ParsePattern, SaysWhatStandsBehindADirective) {
  EXPECT_THAT(
      FaultsOf("\n## IF ${A}\n## ELSE IF ${B}\n## ENDIF a\n## FOR x IN y\n"
               "## ENDFOR  b"),
      ElementsAre(
          StartsWith("5:9: error: nothing can stand behind ELSE: a further IF"),
          "6:10: error: nothing can stand behind ENDIF",
          "8:12: error: nothing can stand behind ENDFOR"));
  EXPECT_THAT(FaultsOf("\n## INCLUDE"),
              ElementsAre(StartsWith("4:11: error: INCLUDE needs the name")));
}

TEST(ParsePattern, WarnsOfAStepThatDoesNothing) {
  const std::string note =
      "4:1: warning: the step has neither Tool nor Tier: it is a note, and not "
      "run";
  for (const char* hint : {"OnFail: skip", "Session: ${S}", "Timeout: 1m"}) {
    EXPECT_THAT(FaultsOf(absl::StrCat("\n## A\n", hint, "\n\nDo it.")),
                ElementsAre(note))
        << hint;
  }
  EXPECT_THAT(FaultsOf("\n## A\nTier: quick\nOnFail: skip\n\nDo it."),
              IsEmpty());
  for (const char* hint : {"Tool: bash", "Tier: quick", "Tool: manual"}) {
    EXPECT_THAT(FaultsOf(absl::StrCat("\n## A\n", hint, "\n\n")),
                ElementsAre("4:1: warning: the step has no text: there is "
                            "nothing to do"))
        << hint;
  }
  EXPECT_THAT(FaultsOf("\n## A\n"), IsEmpty());
}

TEST(ParsePattern, SaysAllThatIsWrong) {
  const Parsed parsed = Parse(
      "\n## IF x\n## Step 1:\nTool: a b\n## ELSE x\n## ENDIF\n## ENDIF\n"
      "## FOR\n## INCLUDE\n## Good\n```\n");
  EXPECT_THAT(parsed.faults,
              ElementsAre(StartsWith("13:1: error: this block of code does"),
                          StartsWith("4:7: error: text stands in"),
                          StartsWith("5:1: error: a step needs"),
                          StartsWith("6:7: warning: Tool is taken for text"),
                          StartsWith("7:9: error: nothing can stand"),
                          StartsWith("9:1: error: this ENDIF ends no IF"),
                          StartsWith("10:7: error: a loop is written"),
                          StartsWith("11:11: error: INCLUDE needs"),
                          StartsWith("10:1: error: this FOR has no ENDFOR")));
}

TEST(ParsePattern, BlocksNestSixtyFourDeep) {
  const auto nested = [](int count) {
    return absl::StrCat(Repeat("\n## IF ${A}", count), "\n## x",
                        Repeat("\n## ENDIF", count));
  };
  EXPECT_THAT(FaultsOf(nested(64)), IsEmpty());
  EXPECT_THAT(FaultsOf(nested(65)),
              ElementsAre("68:1: error: no more than 64 of IF and FOR can "
                          "stand in one another"));
  EXPECT_THAT(Parse(nested(60), 4).faults, IsEmpty());
  EXPECT_THAT(Parse(nested(61), 4).faults, ElementsAre(StartsWith("64:1: ")));
  // Blocks of any kind count, and one that is too deep is left out as a whole.
  EXPECT_THAT(FaultsOf(absl::StrCat(Repeat("\n## FOR x IN y", 64),
                                    "\n## IF ${A}\n## ELSE\n## ELSE\n## ENDIF",
                                    Repeat("\n## ENDFOR", 64))),
              ElementsAre(StartsWith("68:1: error: no more than 64")));
}

TEST(ParsePattern, HostileTextIsSoonRefused) {
  EXPECT_THAT(FaultsOf(Repeat("\n## IF", 170'000)),
              AllOf(testing::SizeIs(100),
                    Contains(HasSubstr(":6: error: the condition is empty"))));
  EXPECT_THAT(FaultsOf(Repeat("\n## IF ${A}", 90'000)),
              AllOf(testing::SizeIs(100), Each(HasSubstr(":1: error: no more "
                                                         "than 64"))));
  EXPECT_THAT(FaultsOf(absl::StrCat(Repeat("\n## IF ${A}", 10'000), "\n## x",
                                    Repeat("\n## ENDIF", 10'000))),
              testing::SizeIs(100));
  EXPECT_THAT(
      FaultsOf(absl::StrCat("\n## IF ", std::string(1'000'000, '('))),
      ElementsAre(HasSubstr("4:71: error: this is open within 64 other"),
                  EndsWith("this IF has no ENDIF")));
  EXPECT_THAT(FaultsOf(absl::StrCat("\n## ", std::string(1'000'000, '#'))),
              IsEmpty());
}

}  // namespace
}  // namespace csa
