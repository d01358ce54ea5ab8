// Which agents there are to choose from: those that are installed.

#ifndef CSA_COMMON_AGENT_CHOICE_H_
#define CSA_COMMON_AGENT_CHOICE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/agent/agent_tool.h"
#include "common/agent/configuration.h"

namespace csa {

// "unknown WHAT 'word'; did you mean X? the WHATs are A, B": a usage error.
absl::Status UnknownName(absl::string_view what, absl::string_view word,
                         const std::vector<std::string>& words);

// An error with exit status 127.
absl::Status NotInstalled(absl::string_view message);

// The tool `name` of `configuration`. An error with an exit status: 125 where
// it is not known, 127 where it is not on PATH, 126 where it may not be
// executed. `named_by` says in it who named it: "", or " (…)".
absl::StatusOr<const AgentTool*> InstalledTool(
    const Configuration& configuration, const std::string& name,
    absl::string_view named_by);

// An agent that an option names, and the family that it is of.
struct NamedAgent {
  TierTool agent;
  std::string family;
};

// The agent that `option` names as "TOOL" or "TOOL:MODEL". Errors as those of
// InstalledTool, and for a model that is none or a tool that must be asked for.
absl::StatusOr<NamedAgent> FindNamedAgent(const Configuration& configuration,
                                          absl::string_view option,
                                          absl::string_view name);

// Of each family but `but_not` the preferred agent that is on PATH, in the
// order of preference. Adds the programs that are not there to `looked_for`.
std::vector<AgentTool> OneOfEachFamily(const Configuration& configuration,
                                       absl::string_view but_not,
                                       std::vector<std::string>& looked_for);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_CHOICE_H_
