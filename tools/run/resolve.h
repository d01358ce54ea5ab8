// Everything that csa-run finds out before anything is started.

#ifndef CSA_TOOLS_RUN_RESOLVE_H_
#define CSA_TOOLS_RUN_RESOLVE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/agent/agent_tool.h"
#include "common/agent/configuration.h"
#include "common/cli/launch_options.h"

namespace csa {

// What is to be run, and how.
struct ChosenTool {
  AgentTool tool;
  // What the command line gave, and what the configuration has for the tool
  // where it gave nothing.
  LaunchOptions options;
  // What the caller is to be told, a line each: the tools of the tier that were
  // passed over.
  std::vector<std::string> notes;
};

// Chooses the tool that `options` names; or the first of the tier `tier` that
// is installed, if that is not empty; or the default tool of the configuration;
// or the first that is installed in the order of preference. Looks on PATH. An
// error with an exit status: 125 for a name that is not known, a model that
// cannot be one, and a tool and a tier at once; 127 for a tool that is not
// installed, or when none of those to choose from is; 126 for one that may not
// be executed.
absl::StatusOr<ChosenTool> ChooseTool(const Configuration& configuration,
                                      const std::string& tier,
                                      const LaunchOptions& options);

}  // namespace csa

#endif  // CSA_TOOLS_RUN_RESOLVE_H_
