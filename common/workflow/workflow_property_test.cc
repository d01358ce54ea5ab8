// What holds for all workflows, and for all patterns: tried with many that are
// made at random, the same ones each time.

#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/workflow/compile.h"
#include "common/workflow/workflow_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  // From 0 to `most`. The same with every library: no distribution is used.
  int UpTo(int most) {
    return static_cast<int>(engine_() % static_cast<unsigned>(most + 1));
  }

  bool OneIn(int count) { return UpTo(count - 1) == 0; }

  // Some of what could be taken for something else, put together.
  std::string Text() {
    constexpr absl::string_view kPieces[] = {"a",
                                             "\\",
                                             "'''",
                                             "'",
                                             "\"",
                                             R"(""")",
                                             "\n",
                                             "\r\n",
                                             "\t",
                                             "${X}",
                                             "${Y:-z}",
                                             "$Z",
                                             "#",
                                             "## ",
                                             "\x01",
                                             "\x7F",
                                             "\xC2\x9B",
                                             "ä",
                                             "]",
                                             " = ",
                                             "\xEF\xBB\xBF",
                                             "\xF0\x9F\x98\x80",
                                             "\\u0041",
                                             "no"};
    std::string text;
    for (int i = UpTo(6); i > 0; --i) {
      absl::StrAppend(&text, kPieces[UpTo(std::size(kPieces) - 1)]);
    }
    return text;
  }

  std::string Name() { return absl::StrCat("V", UpTo(3)); }

  Condition Value() {
    if (OneIn(2)) {
      // No text is a variable in quotes.
      return {.kind = Condition::Kind::kText, .text = Text() + "."};
    }
    Condition variable = {.kind = Condition::Kind::kVariable, .text = Name()};
    if (OneIn(3)) variable.fallback = OneIn(2) ? "" : "a ${b} \\ \"";
    return variable;
  }

  Condition AnyCondition(int depth) {
    using Kind = Condition::Kind;
    const int choice = depth == 0 ? UpTo(2) : UpTo(5);
    if (choice == 0) return Value();
    if (choice <= 2) {
      return {.kind = choice == 1 ? Kind::kEqual : Kind::kNotEqual,
              .operands = {Value(), Value()}};
    }
    Condition condition = {.kind = choice == 3   ? Kind::kNot
                                   : choice == 4 ? Kind::kAnd
                                                 : Kind::kOr};
    for (int i = choice == 3 ? 1 : 2 + UpTo(1); i > 0; --i) {
      condition.operands.push_back(AnyCondition(depth - 1));
    }
    return condition;
  }

 private:
  std::mt19937 engine_;
};

// Workflows as the compiler could make them.
class WorkflowMaker {
 public:
  explicit WorkflowMaker(unsigned seed) : random_(seed) {}

  Workflow Make() {
    workflow_.name = absl::StrCat("n", random_.Text());
    workflow_.description = random_.Text();
    workflow_.version = random_.Text();
    for (int i = random_.UpTo(2); i > 0; --i) {
      workflow_.variables.push_back({.name = random_.Name()});
      if (random_.OneIn(2)) {
        workflow_.variables.back().default_value = random_.Text();
      }
    }
    AddSteps(0);
    return std::move(workflow_);
  }

 private:
  void AddSteps(int depth) {
    for (int i = random_.UpTo(3); i > 0; --i) {
      if (depth == 4 || random_.OneIn(2)) {
        AddStep();
      } else if (random_.OneIn(3)) {
        blocks_.push_back({.kind = Block::Kind::kFor,
                           .number = ++blocks_begun_,
                           .variable = random_.Name(),
                           .collection = random_.Text(),
                           .max_iterations = 1 + random_.UpTo(49)});
        AddSteps(depth + 1);
        blocks_.pop_back();
      } else {
        const Condition condition = random_.AnyCondition(3);
        const int number = ++blocks_begun_;
        blocks_.push_back({.number = number, .condition = condition});
        AddSteps(depth + 1);
        blocks_.back() = {.kind = Block::Kind::kElse,
                          .number = number,
                          .condition = {.kind = Condition::Kind::kNot,
                                        .operands = {condition}}};
        AddSteps(depth + 1);
        blocks_.pop_back();
      }
    }
  }

  void AddStep() {
    Step step = {.id = static_cast<int>(workflow_.steps.size()) + 1,
                 .title = random_.Text(),
                 .tool = random_.Text(),
                 .prompt = random_.Text() + random_.Text(),
                 .tier = random_.Text(),
                 .blocks = blocks_,
                 .session = random_.Text()};
    step.on_fail.kind = static_cast<FailAction::Kind>(random_.UpTo(3));
    if (step.on_fail.kind == FailAction::Kind::kRetry) {
      step.on_fail.retries = 1 + random_.UpTo(49);
    }
    if (step.on_fail.kind == FailAction::Kind::kDelegate) {
      step.on_fail.tool = random_.Text();
    }
    for (int id = 1; id < step.id; ++id) {
      if (random_.OneIn(3)) step.depends_on.push_back(id);
    }
    if (random_.OneIn(2)) {
      step.timeout = absl::Milliseconds(1 + random_.UpTo(2'000'000'000));
    }
    if (random_.OneIn(4)) {
      step.blocks.push_back(
          {.number = ++blocks_begun_, .condition = random_.AnyCondition(3)});
    }
    workflow_.steps.push_back(std::move(step));
  }

  Random random_;
  Workflow workflow_;
  std::vector<Block> blocks_;
  int blocks_begun_ = 0;
};

TEST(Workflows, AreReadBackAsTheyWereWritten) {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    const Workflow workflow = WorkflowMaker(seed).Make();
    const std::string file = FormatWorkflow(workflow);
    const absl::StatusOr<Workflow> again = ParseWorkflow(file);
    ASSERT_TRUE(again.ok()) << again.status() << " of seed " << seed << "\n"
                            << file;
    ASSERT_EQ(*again, workflow) << "seed " << seed << "\n" << file;
    ASSERT_EQ(FormatWorkflow(*again), file) << "seed " << seed;
  }
}

// Patterns in which there are mistakes now and then.
class PatternMaker {
 public:
  explicit PatternMaker(unsigned seed) : random_(seed) {}

  std::string Make() {
    text_ = "---\nname = \"x\"\n---\n";
    AddSteps(0);
    return std::move(text_);
  }

 private:
  void Line(absl::string_view text) { absl::StrAppend(&text_, text, "\n"); }

  std::string LineOfText() {
    std::string text = random_.Text();
    for (char& c : text) {
      if (c == '\n') c = ' ';
    }
    return text;
  }

  void AddSteps(int depth) {
    for (int i = random_.UpTo(3); i > 0; --i) {
      if (depth == 4 || random_.OneIn(2)) {
        AddStep();
      } else if (random_.OneIn(3)) {
        Line(absl::StrCat("## FOR v", depth, " IN ${", random_.Name(), "}"));
        AddSteps(depth + 1);
        Line("## ENDFOR");
      } else {
        Line(absl::StrCat("## IF ", ConditionInALine()));
        AddSteps(depth + 1);
        if (random_.OneIn(2)) {
          Line("## ELSE");
          AddSteps(depth + 1);
        }
        if (!random_.OneIn(50)) Line("## ENDIF");
      }
    }
  }

  std::string ConditionInALine() {
    std::string text = FormatCondition(random_.AnyCondition(3));
    for (char& c : text) {
      if (c == '\n') c = ' ';
    }
    return text;
  }

  void AddStep() {
    constexpr absl::string_view kHints[] = {
        "Tool: bash",        "Tool: csa",
        "Tier: ${T:-quick}", "OnFail: skip",
        "OnFail: retry",     "Session: ${STEP_1_SESSION}",
        "Timeout: 1.5s",     "Timeout: soon",
        "MaxIterations: 7",  "",
        "> quote",           "OnFail: delegate codex"};
    Line(absl::StrCat("## Step 1: t", LineOfText()));
    for (int i = random_.UpTo(4); i > 0; --i) {
      Line(kHints[random_.UpTo(std::size(kHints) - 1)]);
    }
    if (random_.OneIn(4)) {
      Line(absl::StrCat("Condition: ", ConditionInALine()));
    }
    for (int i = random_.UpTo(4); i > 0; --i) {
      Line(absl::StrCat(random_.OneIn(2) ? "~" : "", LineOfText(),
                        random_.OneIn(3) ? "${STEP_1_OUTPUT}" : ""));
    }
  }

  Random random_;
  std::string text_;
};

TEST(Patterns, F45_AreReadBackAsTheyWereCompiled) {
  const auto load = [](absl::string_view,
                       absl::string_view) -> absl::StatusOr<SourceFile> {
    return absl::NotFoundError("there is none");
  };
  int compiled = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    const std::string pattern = PatternMaker(seed).Make();
    Diagnostics diagnostics;
    const Workflow workflow = CompilePattern({"p", pattern}, load, diagnostics);
    if (diagnostics.has_errors()) continue;
    ++compiled;
    const std::string file = FormatWorkflow(workflow);
    const absl::StatusOr<Workflow> again = ParseWorkflow(file);
    ASSERT_TRUE(again.ok()) << again.status() << "\n" << pattern << file;
    ASSERT_EQ(*again, workflow) << pattern << file;
    ASSERT_EQ(FormatWorkflow(*again), file) << pattern;
  }
  EXPECT_GT(compiled, 500);
}

}  // namespace
}  // namespace csa
