#include "common/workflow/workflow.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/fenced_code.h"

namespace csa {

std::string FormatFailAction(const FailAction& action) {
  switch (action.kind) {
    case FailAction::Kind::kAbort:
      return "abort";
    case FailAction::Kind::kSkip:
      return "skip";
    case FailAction::Kind::kRetry:
      return absl::StrCat("retry ", action.retries);
    case FailAction::Kind::kDelegate:
      return absl::StrCat("delegate ", action.tool);
  }
  return "";
}

StepKind KindOf(const Step& step) {
  // The tool sh of csa run would be given variables as text.
  if (step.tool == kBashTool || step.tool == "sh") return StepKind::kBash;
  if (step.tool == kManualTool) return StepKind::kManual;
  const bool is_note =
      step.tool == kNoteTool || (step.tool.empty() && step.tier.empty());
  return is_note ? StepKind::kNote : StepKind::kAgent;
}

std::string ScriptOf(absl::string_view prompt) {
  FencedCode code;
  bool is_script = false;
  std::string script;
  for (const absl::string_view line : absl::StrSplit(prompt, '\n')) {
    switch (code.Next(line)) {
      case FencedCode::Line::kText:
        break;
      case FencedCode::Line::kOpening:
        is_script = code.language() == "bash" || code.language() == "sh";
        break;
      case FencedCode::Line::kCode:
        if (is_script) absl::StrAppend(&script, line, "\n");
        break;
      case FencedCode::Line::kClosing:
        if (is_script) return script;
        break;
    }
  }
  return std::string(prompt);
}

std::string FormatConditions(const Step& step) {
  std::vector<Condition> conditions;
  for (const Block& block : step.blocks) {
    if (block.kind != Block::Kind::kFor) conditions.push_back(block.condition);
  }
  if (conditions.empty()) return "";
  if (conditions.size() == 1) return FormatCondition(conditions[0]);
  return FormatCondition(
      {.kind = Condition::Kind::kAnd, .operands = std::move(conditions)});
}

std::optional<int> StepNamedBy(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "STEP_")) return std::nullopt;
  const size_t digits = name.find_first_not_of("0123456789");
  if (digits == 0 || digits == absl::string_view::npos) return std::nullopt;
  const absl::string_view what = name.substr(digits);
  if (what != "_OUTPUT" && what != "_SESSION" && what != "_EXIT") {
    return std::nullopt;
  }
  int id = 0;
  if (!absl::SimpleAtoi(name.substr(0, digits), &id)) return std::nullopt;
  if (absl::StrCat(id).size() != digits) return std::nullopt;  // "01"
  return id;
}

std::vector<std::string> ItemsOf(absl::string_view list) {
  list = absl::StripAsciiWhitespace(list);
  if (!absl::StrContains(list, '\n')) {
    return absl::StrSplit(list, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
  }
  std::vector<std::string> items;
  for (absl::string_view line : absl::StrSplit(list, '\n')) {
    absl::ConsumeSuffix(&line, "\r");
    if (!absl::StripAsciiWhitespace(line).empty()) items.emplace_back(line);
  }
  return items;
}

}  // namespace csa
