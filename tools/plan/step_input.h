// What a step is given: variables become its environment, or part of its
// prompt.

#ifndef CSA_TOOLS_PLAN_STEP_INPUT_H_
#define CSA_TOOLS_PLAN_STEP_INPUT_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/workflow/variables.h"
#include "common/workflow/workflow.h"

namespace csa {

// The variables of a plan as it goes on.
class PlanVariables {
 public:
  // Gives the variable a value. Where that is only the workflow's default, and
  // nothing but scripts mention it, a script with a fallback of its own takes
  // that, or its environment.
  void Set(const std::string& name, std::string value);
  void SetDefault(const std::string& name, std::string value);

  // Takes its value away; where there is one, but it cannot be put anywhere,
  // `why`.
  void Unset(const std::string& name);
  void SetUnusable(const std::string& name, std::string why);

  const Variables& values() const { return values_; }
  bool IsDefault(const std::string& name) const;

  // OutOfRange, with why, where one of `uses` is unusable.
  absl::Status CheckUsable(const std::vector<VariableUse>& uses) const;

 private:
  Variables values_;
  std::set<std::string> defaults_;
  std::map<std::string, std::string> unusable_;
};

// What can be one variable in the environment of a process, with its name:
// MAX_ARG_STRLEN of execve(2), less what csa needs to pass it on.
inline constexpr size_t kMaxEnvironmentBytes = 128 * 1024 - 64;

struct StepInput {
  std::string text;  // the script, or the prompt
  // For a script: the variables that it mentions and that have a value, but for
  // a default where it has a fallback everywhere.
  std::vector<std::pair<std::string, std::string>> environment;
  std::string tier;
  std::string session;
};

// OutOfRange where `script` is longer than bash can be given one.
absl::Status CheckScript(absl::string_view script);

// What `step` is given where `variables` hold. A variable that a prompt, tier
// or session mentions and that is not there is NotFound; a script may find it
// in the environment that it has anyway. OutOfRange for a value that is too
// long.
absl::StatusOr<StepInput> InputOf(const Step& step,
                                  const PlanVariables& variables);

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_STEP_INPUT_H_
