#include "common/agent/choice.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/cli/exit_status.h"
#include "common/cli/nearest.h"
#include "common/cli/tool.h"
#include "common/os/process.h"

namespace csa {

absl::Status UnknownName(absl::string_view what, absl::string_view word,
                         const std::vector<std::string>& words) {
  const std::string nearest = Nearest(word, words);
  return UsageError(absl::StrCat(
      "unknown ", what, " '", word, "'; ",
      nearest.empty() ? "" : absl::StrCat("did you mean ", nearest, "? "),
      "the ", what, "s are ", absl::StrJoin(words, ", ")));
}

absl::StatusOr<AgentTool> InstalledTool(const Configuration& configuration,
                                        const std::string& name,
                                        absl::string_view named_by) {
  const AgentTool* const tool = FindTool(configuration, name);
  if (tool == nullptr) {
    std::vector<std::string> names;
    for (const AgentTool& known : configuration.tools) {
      names.push_back(known.name);
    }
    return UnknownName("tool", name, names);
  }
  const absl::Status executable = FindExecutable(tool->argv[0]).status();
  if (executable.ok()) return *tool;
  if (absl::IsPermissionDenied(executable)) {
    return WithExitStatus(absl::FailedPreconditionError(absl::StrCat(
                              "the tool ", name, named_by,
                              " cannot be run: ", executable.message())),
                          ExitStatus::kNotExecutable);
  }
  return WithExitStatus(absl::NotFoundError(absl::StrCat(
                            "the tool ", name, named_by,
                            " is not installed: ", executable.message())),
                        ExitStatus::kNotFound);
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
