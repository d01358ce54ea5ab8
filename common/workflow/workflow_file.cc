#include "common/workflow/workflow_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/base/string_view.h"
#include "common/base/toml.h"
#include "re2/re2.h"

namespace csa {
namespace {

// What a block is called in `blocks`.
struct BlockName {
  Block::Kind kind;
  absl::string_view word;
};
constexpr BlockName kBlockNames[] = {
    {Block::Kind::kIf, "if"},
    {Block::Kind::kElse, "else"},
    {Block::Kind::kFor, "for"},
};

std::string NameOf(const Block& block) {
  for (const BlockName& name : kBlockNames) {
    if (name.kind == block.kind) {
      return absl::StrCat(name.word, " ", block.number);
    }
  }
  return "";
}

std::string FormatSeconds(absl::Duration duration) {
  const int64_t milliseconds = absl::ToInt64Milliseconds(duration);
  if (milliseconds % 1000 == 0) return absl::StrCat(milliseconds / 1000);
  return absl::StrFormat("%d.%03d", milliseconds / 1000, milliseconds % 1000);
}

// Whether `text` can stand between ''' as it is, and a terminal that is shown
// it does not obey.
bool CanBeLiteral(absl::string_view text) {
  static const re2::RE2 controls(R"([\x00-\x08\x0B-\x1F\x7F-\x{9F}])");
  return !absl::StrContains(text, "'''") && !absl::EndsWith(text, "'") &&
         !re2::RE2::PartialMatch(ToStd(text), controls);
}

// A text of several lines.
std::string QuoteLines(absl::string_view text) {
  if (!absl::StrContains(text, '\n') || !CanBeLiteral(text)) {
    return QuoteToml(text);
  }
  // A newline right behind the quotes is not part of the text.
  return absl::StrCat("'''\n", text, "'''");
}

void Add(absl::string_view key, absl::string_view value, std::string& file) {
  if (!value.empty()) {
    absl::StrAppend(&file, key, " = ", QuoteToml(value), "\n");
  }
}

std::string FormatOnFail(const FailAction& action) {
  switch (action.kind) {
    case FailAction::Kind::kRetry:
      return absl::StrCat("{retry = ", action.retries, "}");
    case FailAction::Kind::kDelegate:
      return absl::StrCat("{delegate = ", QuoteToml(action.tool), "}");
    case FailAction::Kind::kAbort:
    case FailAction::Kind::kSkip:
      break;
  }
  return QuoteToml(FormatFailAction(action));
}

std::string FormatLoops(const std::vector<Block>& blocks) {
  std::vector<std::string> loops;
  for (const Block& block : blocks) {
    if (block.kind != Block::Kind::kFor) continue;
    loops.push_back(absl::StrCat("{variable = ", QuoteToml(block.variable),
                                 ", collection = ", QuoteToml(block.collection),
                                 ", max_iterations = ", block.max_iterations,
                                 "}"));
  }
  if (loops.size() == 1) return loops[0];
  return absl::StrCat("[", absl::StrJoin(loops, ", "), "]");
}

void AddBlocks(const Step& step, std::string& file) {
  if (step.blocks.empty()) return;
  Add("condition", FormatConditions(step), file);
  const std::string loops = FormatLoops(step.blocks);
  if (loops != "[]") absl::StrAppend(&file, "loop_var = ", loops, "\n");
  absl::StrAppend(&file, "blocks = [",
                  absl::StrJoin(step.blocks, ", ",
                                [](std::string* out, const Block& block) {
                                  absl::StrAppend(out,
                                                  QuoteToml(NameOf(block)));
                                }),
                  "]\n");
}

void AddStep(const Step& step, std::string& file) {
  absl::StrAppend(&file, "\n[[workflow.steps]]\nid = ", step.id,
                  "\ntitle = ", QuoteToml(step.title), "\n");
  Add("tool", step.tool, file);
  if (!step.prompt.empty()) {
    absl::StrAppend(&file, "prompt = ", QuoteLines(step.prompt), "\n");
  }
  Add("tier", step.tier, file);
  if (!step.depends_on.empty()) {
    absl::StrAppend(&file, "depends_on = [",
                    absl::StrJoin(step.depends_on, ", "), "]\n");
  }
  if (step.on_fail != FailAction()) {
    absl::StrAppend(&file, "on_fail = ", FormatOnFail(step.on_fail), "\n");
  }
  AddBlocks(step, file);
  Add("session", step.session, file);
  if (step.timeout.has_value()) {
    absl::StrAppend(&file, "timeout_seconds = ", FormatSeconds(*step.timeout),
                    "\n");
  }
}

// Whether `block` can be what the step before, whose block `other` has the same
// number, stands in: it, or its ELSE.
bool IsSameBlock(const Block& block, const Block& other) {
  if (block.kind == other.kind) return block == other;
  return block.kind == Block::Kind::kElse && other.kind == Block::Kind::kIf &&
         block.condition == Condition{.kind = Condition::Kind::kNot,
                                      .operands = {other.condition}};
}

// Reads a step or another table of the file. The first thing that is wrong is
// kept; after it, what is read is of no use.
class Reader {
 public:
  absl::StatusOr<Workflow> Read(const toml::table& file) {
    const toml::node* root = file.get("workflow");
    if (root == nullptr) root = file.get("plan");
    if (root == nullptr || !root->is_table()) {
      return absl::InvalidArgumentError(
          "line 1: there is no table [workflow]: this is no workflow");
    }
    const toml::table& table = *root->as_table();
    Workflow workflow;
    workflow.name = Text(table, "name");
    workflow.description = Text(table, "description");
    workflow.version = Text(table, "version");
    ForEachTable(table, "variables", [&](const toml::table& variable) {
      ReadVariable(variable, workflow);
    });
    ForEachTable(table, "steps",
                 [&](const toml::table& step) { ReadStep(step, workflow); });
    if (workflow.name.empty()) Fail(table, "name is missing, or empty");
    CSA_RETURN_IF_ERROR(status_);
    return workflow;
  }

 private:
  void Fail(const toml::node& node, absl::string_view fault) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(
        absl::StrCat("line ", node.source().begin.line, ": ", fault));
  }

  void ForEachTable(const toml::table& table, absl::string_view key,
                    absl::FunctionRef<void(const toml::table&)> visit) {
    const toml::node* const list = table.get(ToStd(key));
    if (list == nullptr) return;
    if (!list->is_array()) return Fail(*list, absl::StrCat(key, " is no list"));
    for (const toml::node& element : *list->as_array()) {
      if (!element.is_table()) {
        return Fail(element, absl::StrCat(key, " must be tables"));
      }
      visit(*element.as_table());
    }
  }

  // The text of `key`, "" where there is none.
  std::string Text(const toml::table& table, absl::string_view key) {
    const toml::node* const node = table.get(ToStd(key));
    if (node == nullptr) return "";
    if (!node->is_string()) Fail(*node, absl::StrCat(key, " is no text"));
    std::string text = node->value_or(std::string());
    if (absl::StrContains(text, '\0')) {
      Fail(*node, absl::StrCat(key, " has a NUL"));
    }
    return text;
  }

  // `node`, a number from `least` to `most`.
  int Number(const toml::node& node, absl::string_view key, int least,
             int most) {
    const int64_t number = node.is_integer() ? node.value_or(int64_t{0}) : 0;
    if (!node.is_integer() || number < least || number > most) {
      Fail(node,
           absl::StrCat(key, " must be a number from ", least, " to ", most));
      return least;
    }
    return static_cast<int>(number);
  }

  void ReadVariable(const toml::table& table, Workflow& workflow) {
    WorkflowVariable variable = {.name = Text(table, "name")};
    if (!IsVariableName(variable.name)) {
      Fail(table, "a variable's name has letters, digits and '_' only");
    }
    if (table.get("default") != nullptr) {
      variable.default_value = Text(table, "default");
      if (IsReservedVariable(variable.name)) {
        Fail(table, absl::StrCat("no workflow can set ", variable.name));
      }
    }
    workflow.variables.push_back(std::move(variable));
  }

  void ReadStep(const toml::table& table, Workflow& workflow) {
    Step step = {.id = static_cast<int>(workflow.steps.size()) + 1,
                 .title = Text(table, "title"),
                 .tool = Text(table, "tool"),
                 .prompt = Text(table, "prompt"),
                 .tier = Text(table, "tier"),
                 .session = Text(table, "session")};
    const toml::node* const id = table.get("id");
    if (id == nullptr || id->value_or(int64_t{0}) != step.id) {
      Fail(id == nullptr ? table : *id,
           absl::StrCat("the id of this step must be ", step.id,
                        ": they are counted from 1"));
    }
    ReadDependencies(table, step);
    if (const toml::node* const action = table.get("on_fail")) {
      step.on_fail = ReadFailAction(*action);
    }
    if (const toml::node* const timeout = table.get("timeout_seconds")) {
      step.timeout = ReadTimeout(*timeout);
    }
    ReadBlocks(table, workflow.steps, step);
    workflow.steps.push_back(std::move(step));
  }

  void ReadDependencies(const toml::table& table, Step& step) {
    const toml::node* const list = table.get("depends_on");
    if (list == nullptr) return;
    if (!list->is_array()) return Fail(*list, "depends_on is no list");
    for (const toml::node& id : *list->as_array()) {
      if (step.id == 1) return Fail(id, "there is no step before the first");
      step.depends_on.push_back(Number(id, "depends_on", 1, step.id - 1));
    }
  }

  FailAction ReadFailAction(const toml::node& node) {
    FailAction action;
    const std::string word = node.value_or(std::string());
    const toml::table* const table = node.as_table();
    const toml::node* const retry = table ? table->get("retry") : nullptr;
    if (word == "skip") {
      action.kind = FailAction::Kind::kSkip;
    } else if (retry != nullptr) {
      action.kind = FailAction::Kind::kRetry;
      action.retries = Number(*retry, "retry", 1, kMostRetries);
    } else if (table != nullptr && table->get("delegate") != nullptr) {
      action.kind = FailAction::Kind::kDelegate;
      action.tool = Text(*table, "delegate");
    } else if (word != "abort") {
      Fail(node,
           "on_fail must be \"abort\", \"skip\", {retry = N} or {delegate = "
           "\"TOOL\"}");
    }
    return action;
  }

  absl::Duration ReadTimeout(const toml::node& node) {
    const double seconds = node.value_or(0.0);
    if (!node.is_number() || !(seconds >= 0.001) ||
        seconds > absl::ToDoubleSeconds(kLongestTimeout)) {
      Fail(node, "timeout_seconds must be a number above 0");
      return absl::ZeroDuration();
    }
    return absl::Milliseconds(std::llround(seconds * 1000));
  }

  std::vector<Condition> ReadConditions(const toml::table& table) {
    const toml::node* const node = table.get("condition");
    if (node == nullptr) return {};
    std::variant<ParsedCondition, TextError> parsed =
        ParseCondition(Text(table, "condition"));
    if (const auto* error = std::get_if<TextError>(&parsed); error != nullptr) {
      Fail(*node, absl::StrCat("condition: ", error->message));
      return {};
    }
    return {std::move(std::get<ParsedCondition>(parsed).condition)};
  }

  void ReadLoop(const toml::table& table, std::vector<Block>& loops) {
    Block loop = {.kind = Block::Kind::kFor,
                  .variable = Text(table, "variable"),
                  .collection = Text(table, "collection")};
    if (!IsVariableName(loop.variable) || IsReservedVariable(loop.variable)) {
      Fail(table, "the variable of a loop has no name that can be one");
    }
    if (const toml::node* const most = table.get("max_iterations")) {
      loop.max_iterations = Number(*most, "max_iterations", 1, kMostIterations);
    }
    loops.push_back(std::move(loop));
  }

  std::vector<Block> ReadLoops(const toml::table& table) {
    std::vector<Block> loops;
    const toml::node* const node = table.get("loop_var");
    if (node == nullptr) return loops;
    if (node->is_table()) {
      ReadLoop(*node->as_table(), loops);
    } else {
      ForEachTable(table, "loop_var",
                   [&](const toml::table& loop) { ReadLoop(loop, loops); });
    }
    return loops;
  }

  void ReadBlocks(const toml::table& table, const std::vector<Step>& before,
                  Step& step) {
    std::vector<Condition> conditions = ReadConditions(table);
    std::vector<Block> loops = ReadLoops(table);
    if (loops.size() > kMostBlocks) {
      return Fail(table, absl::StrCat("more than ", kMostBlocks, " loops"));
    }
    const toml::node* const names = table.get("blocks");
    if (names == nullptr) {
      step.blocks =
          BlocksWithoutNames(before, std::move(conditions), std::move(loops));
      return;
    }
    std::vector<Block> blocks = ReadNames(*names);
    const auto is_loop = [](const Block& block) {
      return block.kind == Block::Kind::kFor;
    };
    const auto loop_count = static_cast<size_t>(
        std::count_if(blocks.begin(), blocks.end(), is_loop));
    const size_t condition_count = blocks.size() - loop_count;
    if (condition_count > 1 && conditions.size() == 1 &&
        conditions[0].kind == Condition::Kind::kAnd) {
      conditions = std::vector<Condition>(conditions[0].operands);
    }
    if (loops.size() != loop_count || conditions.size() != condition_count) {
      return Fail(*names,
                  "blocks must name each part of condition and each loop_var");
    }
    size_t next_condition = 0;
    size_t next_loop = 0;
    for (Block& block : blocks) {
      if (is_loop(block)) {
        loops[next_loop].number = block.number;
        block = std::move(loops[next_loop++]);
      } else {
        block.condition = std::move(conditions[next_condition++]);
      }
    }
    CheckNesting(*names, before, blocks);
    step.blocks = std::move(blocks);
  }

  std::vector<Block> ReadNames(const toml::node& names) {
    std::vector<Block> blocks;
    const toml::array* const list = names.as_array();
    if (list == nullptr || list->size() > kMostBlocks) {
      Fail(names,
           absl::StrCat("blocks must be a list of at most ", kMostBlocks));
      return blocks;
    }
    for (const toml::node& element : *list) {
      const std::string text = element.value_or(std::string());
      const std::vector<std::string> words = absl::StrSplit(text, ' ');
      Block block;
      const auto* const name = std::find_if(
          std::begin(kBlockNames), std::end(kBlockNames),
          [&](const BlockName& known) { return known.word == words[0]; });
      if (name == std::end(kBlockNames) || words.size() != 2 ||
          !absl::SimpleAtoi(words[1], &block.number) || block.number < 1 ||
          block.number > kGreatestNumber ||
          absl::StrCat(block.number) != words[1]) {
        Fail(element, R"(a block is "if N", "else N" or "for N")");
        return blocks;
      }
      block.kind = name->kind;
      blocks_begun_ = std::max(blocks_begun_, block.number);
      blocks.push_back(std::move(block));
    }
    return blocks;
  }

  // The blocks that go on from the step before must be the same there.
  void CheckNesting(const toml::node& names, const std::vector<Step>& before,
                    const std::vector<Block>& blocks) {
    if (before.empty()) return;
    const std::vector<Block>& last = before.back().blocks;
    const size_t common = std::min(last.size(), blocks.size());
    for (size_t i = 0; i < common; ++i) {
      if (blocks[i].number != last[i].number) return;
      if (!IsSameBlock(blocks[i], last[i])) {
        return Fail(names, absl::StrCat("the block ", blocks[i].number,
                                        " is another one in the step before"));
      }
      if (blocks[i].kind != last[i].kind) return;
    }
  }

  std::vector<Block> BlocksWithoutNames(const std::vector<Step>& before,
                                        std::vector<Condition> conditions,
                                        std::vector<Block> loops) {
    bool goes_on = !before.empty();
    for (size_t i = 0; i < loops.size(); ++i) {
      const Block* const last = goes_on && i < before.back().blocks.size()
                                    ? &before.back().blocks[i]
                                    : nullptr;
      if (last != nullptr) loops[i].number = last->number;
      goes_on = last != nullptr && *last == loops[i];
      if (!goes_on) loops[i].number = ++blocks_begun_;
    }
    for (Condition& condition : conditions) {
      loops.push_back({.kind = Block::Kind::kIf,
                       .number = ++blocks_begun_,
                       .condition = std::move(condition)});
    }
    return loops;
  }

  // More than any pattern gives: with the step's own condition, 65.
  static constexpr size_t kMostBlocks = 100;
  // More than there can be, and so much that there are others above it.
  static constexpr int kGreatestNumber = 1'000'000'000;

  absl::Status status_;
  int blocks_begun_ = 0;  // the greatest number of a block so far
};

}  // namespace

std::string FormatWorkflow(const Workflow& workflow) {
  std::string file =
      absl::StrCat("[workflow]\nname = ", QuoteToml(workflow.name), "\n");
  Add("description", workflow.description, file);
  Add("version", workflow.version, file);
  for (const WorkflowVariable& variable : workflow.variables) {
    absl::StrAppend(&file, "\n[[workflow.variables]]\nname = ",
                    QuoteToml(variable.name), "\n");
    if (variable.default_value.has_value()) {
      absl::StrAppend(&file, "default = ", QuoteToml(*variable.default_value),
                      "\n");
    }
  }
  for (const Step& step : workflow.steps) AddStep(step, file);
  return file;
}

absl::StatusOr<Workflow> ParseWorkflow(absl::string_view toml) {
  CSA_ASSIGN_OR_RETURN(const toml::table file, ParseToml(toml));
  return Reader().Read(file);
}

}  // namespace csa
