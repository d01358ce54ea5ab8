#include "tools/review/reviewers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/agent/agent_tool.h"
#include "common/agent/choice.h"
#include "common/base/status_macros.h"

namespace csa {

absl::StatusOr<std::vector<TierTool>> ChooseReviewers(
    const Configuration& configuration, const std::string& callers_family,
    int count) {
  std::vector<std::string> looked_for;
  const std::vector<AgentTool> families =
      OneOfEachFamily(configuration, callers_family, looked_for);
  if (families.empty()) {
    return NotInstalled(absl::StrCat(
        "no reviewer is installed",
        callers_family.empty()
            ? ""
            : absl::StrCat(" of another family than the caller's, which is ",
                           callers_family),
        ": looked on PATH for ", absl::StrJoin(looked_for, ", "),
        ". --reviewer names one, of whatever family"));
  }
  std::vector<TierTool> reviewers;
  for (int i = 0; i < count; ++i) {
    const AgentTool& tool = families[static_cast<size_t>(i) % families.size()];
    reviewers.push_back({.tool = tool.name});
  }
  return reviewers;
}

absl::StatusOr<std::vector<TierTool>> NamedReviewers(
    const Configuration& configuration, const std::string& callers_family,
    const std::vector<std::string>& names, std::vector<std::string>& notes) {
  std::vector<TierTool> reviewers;
  for (const std::string& name : names) {
    CSA_ASSIGN_OR_RETURN(NamedAgent named,
                         FindNamedAgent(configuration, "--reviewer", name));
    if (!callers_family.empty() && named.family == callers_family) {
      notes.push_back(absl::StrCat("the reviewer ", named.agent.tool,
                                   " is of the caller's own family, ",
                                   callers_family));
    }
    reviewers.push_back(std::move(named.agent));
  }
  return reviewers;
}

}  // namespace csa
