#include "common/workflow/references.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/workflow/bash_variables.h"

namespace csa {
namespace {

void Append(std::vector<VariableUse> more, std::vector<VariableUse>& all) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

// The mentions outside of conditions: they need a value.
struct Needs {
  std::string script;                  // of a bash step
  std::vector<VariableUse> of_script;  // those in it
  std::vector<VariableUse> others;
};

Needs NeedsOf(const Step& step) {
  Needs needs;
  switch (KindOf(step)) {
    case StepKind::kBash:
      needs.script = ScriptOf(step.prompt);
      needs.of_script = FindVariablesOfBash(needs.script);
      break;
    case StepKind::kAgent:
    case StepKind::kManual:
      needs.others = FindVariables(step.prompt);
      break;
    case StepKind::kNote:
      break;  // shown as it is
  }
  Append(FindVariables(step.tier), needs.others);
  Append(FindVariables(step.session), needs.others);
  for (const Block& block : step.blocks) {
    Append(FindVariables(block.collection), needs.others);
  }
  return needs;
}

// Only those that can be of variables of the workflow: "$NAME" may be
// anybody's, and what the script has given a value before is its own.
std::vector<VariableUse> OnlyOfWorkflow(Needs needs) {
  const std::map<std::string, size_t> values = FindValuesOfBash(needs.script);
  std::erase_if(needs.of_script, [&](const VariableUse& use) {
    const auto value = values.find(use.name);
    return needs.script[use.offset + 1] != '{' ||
           (value != values.end() && value->second <= use.offset);
  });
  Append(std::move(needs.others), needs.of_script);
  return std::move(needs.of_script);
}

std::vector<VariableUse> ConditionsOf(const Step& step) {
  std::vector<VariableUse> uses;
  for (const Block& block : step.blocks) {
    if (block.kind != Block::Kind::kFor) {
      Append(VariablesIn(block.condition), uses);
    }
  }
  return uses;
}

// Whether `name` is a variable of the workflow where `step` mentions it.
bool IsOfWorkflow(absl::string_view name, const Step& step) {
  return !StepNamedBy(name).has_value() &&
         std::none_of(
             step.blocks.begin(), step.blocks.end(), [&](const Block& block) {
               return block.kind == Block::Kind::kFor && block.variable == name;
             });
}

std::set<int> StepsIn(const std::vector<VariableUse>& mentions) {
  std::set<int> steps;
  for (const VariableUse& use : mentions) {
    const std::optional<int> id = StepNamedBy(use.name);
    if (id.has_value()) steps.insert(*id);
  }
  return steps;
}

// How the steps mention a variable.
struct Mentions {
  bool need_value = false;
  std::set<std::string> fallbacks;
};

// Adds a mention by `step`; in a condition, no value is needed.
void Count(const VariableUse& use, const Step& step, bool needs_value,
           std::map<std::string, Mentions>& variables) {
  if (!IsOfWorkflow(use.name, step)) return;
  Mentions& mentions = variables[use.name];
  // What bash would expand is a value in a script only.
  const bool is_script = KindOf(step) == StepKind::kBash;
  const bool is_text = use.fallback.has_value() &&
                       !(is_script && use.fallback->find_first_of("$`\\\"'") !=
                                          std::string::npos);
  if (is_text) mentions.fallbacks.insert(*use.fallback);
  if (!is_text && needs_value) mentions.need_value = true;
}

constexpr absl::string_view kStepPrefix = "STEP_";

// `word` with another number if it is STEP_1_OUTPUT or the like.
std::string ShiftName(absl::string_view word, int shift) {
  const std::optional<int> id = StepNamedBy(word);
  if (!id.has_value()) return std::string(word);
  return absl::StrCat(kStepPrefix, int64_t{*id} + shift,
                      word.substr(word.find('_', kStepPrefix.size())));
}

}  // namespace

std::vector<VariableUse> MentionsOf(const Step& step) {
  Needs needs = NeedsOf(step);
  std::vector<VariableUse> mentions = std::move(needs.of_script);
  Append(std::move(needs.others), mentions);
  Append(ConditionsOf(step), mentions);
  return mentions;
}

std::set<int> StepsMentionedBy(const Step& step) {
  return StepsIn(MentionsOf(step));
}

std::set<std::string> NamesMentionedIn(const Workflow& workflow) {
  std::set<std::string> names;
  for (const WorkflowVariable& variable : workflow.variables) {
    names.insert(variable.name);
  }
  for (const Step& step : workflow.steps) {
    for (const VariableUse& use : MentionsOf(step)) names.insert(use.name);
  }
  return names;
}

std::set<std::string> NamesMentionedOutsideScripts(const Workflow& workflow) {
  std::set<std::string> names;
  for (const Step& step : workflow.steps) {
    for (const VariableUse& use : NeedsOf(step).others) names.insert(use.name);
    for (const VariableUse& use : ConditionsOf(step)) names.insert(use.name);
  }
  return names;
}

void AddReferences(Workflow& workflow) {
  std::map<std::string, Mentions> variables;
  for (Step& step : workflow.steps) {
    Needs needs = NeedsOf(step);
    const std::vector<VariableUse> conditions = ConditionsOf(step);
    std::set<int> steps = StepsIn(needs.of_script);
    steps.merge(StepsIn(needs.others));
    steps.merge(StepsIn(conditions));
    for (const int id : steps) {
      // In a loop, a step may ask for what a later one did the last time.
      if (id >= 1 && id < step.id) step.depends_on.push_back(id);
    }
    for (const VariableUse& use : OnlyOfWorkflow(std::move(needs))) {
      Count(use, step, true, variables);
    }
    for (const VariableUse& use : conditions) {
      Count(use, step, false, variables);
    }
  }
  for (const auto& [name, mentions] : variables) {
    WorkflowVariable variable = {.name = name};
    if (!mentions.need_value && mentions.fallbacks.size() == 1) {
      variable.default_value = *mentions.fallbacks.begin();
    }
    workflow.variables.push_back(std::move(variable));
  }
}

std::string ShiftSteps(absl::string_view text, int shift) {
  std::string shifted;
  for (size_t begin = text.find(kStepPrefix);
       shift != 0 && begin != absl::string_view::npos;
       begin = text.find(kStepPrefix)) {
    absl::StrAppend(&shifted, text.substr(0, begin));
    text.remove_prefix(begin);
    const auto length = static_cast<size_t>(
        std::find_if_not(text.begin(), text.end(), IsVariableCharacter) -
        text.begin());
    const bool begins_word =
        shifted.empty() || !IsVariableCharacter(shifted.back());
    const absl::string_view word = text.substr(0, length);
    absl::StrAppend(&shifted,
                    begins_word ? ShiftName(word, shift) : std::string(word));
    text.remove_prefix(length);
  }
  absl::StrAppend(&shifted, text);
  return shifted;
}

Condition ShiftSteps(const Condition& condition, int shift) {
  Condition shifted = condition;
  if (condition.kind == Condition::Kind::kVariable) {
    shifted.text = ShiftName(condition.text, shift);
  }
  for (Condition& operand : shifted.operands) {
    operand = ShiftSteps(operand, shift);
  }
  return shifted;
}

}  // namespace csa
