#include "tools/plan/step_input.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/workflow/bash_variables.h"
#include "common/workflow/references.h"

namespace csa {
namespace {

absl::StatusOr<StepInput> InputOfScript(const Step& step,
                                        const PlanVariables& variables) {
  StepInput input = {.text = ScriptOf(step.prompt)};
  std::map<std::string, std::string> environment;
  for (const VariableUse& use : FindVariablesOfBash(input.text)) {
    const auto value = variables.values().find(use.name);
    const bool is_given =
        value != variables.values().end() &&
        !(use.fallback.has_value() && variables.IsDefault(use.name));
    const bool may_be =
        !IsReservedVariable(use.name) || StepNamedBy(use.name).has_value();
    if (is_given && may_be) environment.insert(*value);
  }
  for (auto& [name, value] : environment) {
    // As bash has it in $(…): no variable can hold a NUL.
    std::string text =
        absl::StrReplaceAll(value, {{absl::string_view("\0", 1), ""}});
    if (name.size() + text.size() > kMaxEnvironmentBytes) {
      return absl::OutOfRangeError(absl::StrCat(
          name, " has ", text.size(), " bytes, and a script can be given ",
          kMaxEnvironmentBytes / 1024,
          " KiB in a variable: pass it on in a file"));
    }
    input.environment.emplace_back(name, std::move(text));
  }
  CSA_RETURN_IF_ERROR(CheckScript(input.text));
  return input;
}

}  // namespace

void PlanVariables::Set(const std::string& name, std::string value) {
  Unset(name);
  values_[name] = std::move(value);
}

void PlanVariables::SetDefault(const std::string& name, std::string value) {
  Set(name, std::move(value));
  defaults_.insert(name);
}

void PlanVariables::Unset(const std::string& name) {
  values_.erase(name);
  defaults_.erase(name);
  unusable_.erase(name);
}

void PlanVariables::SetUnusable(const std::string& name, std::string why) {
  Unset(name);
  unusable_[name] = std::move(why);
}

bool PlanVariables::IsDefault(const std::string& name) const {
  return defaults_.contains(name);
}

absl::Status PlanVariables::CheckUsable(
    const std::vector<VariableUse>& uses) const {
  for (const VariableUse& use : uses) {
    const auto unusable = unusable_.find(use.name);
    if (unusable != unusable_.end()) {
      return absl::OutOfRangeError(
          absl::StrCat(use.name, " cannot be used: ", unusable->second));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckScript(absl::string_view script) {
  if (script.size() <= kMaxEnvironmentBytes) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat(
      "the script has ", script.size(), " bytes, and bash can be given ",
      kMaxEnvironmentBytes / 1024, " KiB"));
}

absl::StatusOr<StepInput> InputOf(const Step& step,
                                  const PlanVariables& variables) {
  CSA_RETURN_IF_ERROR(variables.CheckUsable(MentionsOf(step)));
  if (KindOf(step) == StepKind::kBash) {
    return InputOfScript(step, variables);
  }
  StepInput input;
  CSA_ASSIGN_OR_RETURN(input.text, Substitute(step.prompt, variables.values()));
  CSA_ASSIGN_OR_RETURN(input.tier, Substitute(step.tier, variables.values()));
  CSA_ASSIGN_OR_RETURN(input.session,
                       Substitute(step.session, variables.values()));
  return input;
}

}  // namespace csa
