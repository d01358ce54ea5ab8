#include "common/agent/choice.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/agent/command_line.h"
#include "common/base/status_macros.h"
#include "common/cli/exit_status.h"
#include "common/cli/nearest.h"
#include "common/cli/tool.h"
#include "common/os/errno_status.h"
#include "common/os/process.h"

namespace csa {

absl::Status UnknownName(absl::string_view what, absl::string_view word,
                         const std::vector<std::string>& words) {
  return UsageError(
      absl::StrCat("unknown ", what, " '", word, "'",
                   Suggestion(word, absl::StrCat(what, "s"), words)));
}

absl::Status NotInstalled(absl::string_view message) {
  return WithExitStatus(absl::NotFoundError(message), ExitStatus::kNotFound);
}

absl::StatusOr<const AgentTool*> InstalledTool(
    const Configuration& configuration, const std::string& name,
    absl::string_view named_by) {
  const AgentTool* const tool = FindTool(configuration, name);
  if (tool == nullptr) {
    return UnknownName("tool", name, ToolNames(configuration));
  }
  const absl::Status executable = FindExecutable(tool->argv[0]).status();
  if (executable.ok()) return tool;
  if (absl::IsPermissionDenied(executable)) {
    return WithExitStatus(absl::FailedPreconditionError(absl::StrCat(
                              "the tool ", name, named_by,
                              " cannot be run: ", executable.message())),
                          ExitStatus::kNotExecutable);
  }
  return NotInstalled(
      absl::StrCat("the tool ", name, named_by,
                   " is not installed: ", executable.message()));
}

absl::StatusOr<NamedAgent> FindNamedAgent(const Configuration& configuration,
                                          absl::string_view option,
                                          absl::string_view name) {
  NamedAgent named = {.agent = ParseTierTool(name)};
  CSA_ASSIGN_OR_RETURN(const AgentTool* const tool,
                       InstalledTool(configuration, named.agent.tool,
                                     absl::StrCat(" (", option, ")")));
  if (!named.agent.model.empty()) {
    CSA_RETURN_IF_ERROR(Named(option, CheckModel(named.agent.model)));
  }
  if (tool->explicit_only) {
    return UsageError(absl::StrCat(option, ": ", tool->name, " is no agent"));
  }
  named.family = tool->family;
  return named;
}

std::vector<AgentTool> OneOfEachFamily(const Configuration& configuration,
                                       absl::string_view but_not,
                                       std::vector<std::string>& looked_for) {
  std::vector<AgentTool> chosen;
  for (const std::string& name : ListOf(configuration, {"prefer"})) {
    const AgentTool& tool = *FindTool(configuration, name);
    const bool has_family = std::any_of(
        chosen.begin(), chosen.end(),
        [&](const AgentTool& other) { return other.family == tool.family; });
    if (has_family || tool.family == but_not) continue;
    if (FindExecutable(tool.argv[0]).ok()) {
      chosen.push_back(tool);
    } else {
      looked_for.push_back(tool.argv[0]);
    }
  }
  return chosen;
}

}  // namespace csa
