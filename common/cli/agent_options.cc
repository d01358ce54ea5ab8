#include "common/cli/agent_options.h"

#include <string>

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"

ABSL_FLAG(std::string, tool, "", "NAME|the tool that the session runs");
ABSL_FLAG(std::string, model, "", "NAME|the model that the tool is to use");
ABSL_FLAG(std::string, access, "",
          "MODE|read-only, workspace or full: what the tool may do; workspace "
          "unless given, or read-only where the tool has no such mode");

namespace csa {

absl::StatusOr<LaunchOptions> GetAgentOptions() {
  CSA_ASSIGN_OR_RETURN(LaunchOptions options, GetLaunchOptions());
  options.tool = absl::GetFlag(FLAGS_tool);
  options.model = absl::GetFlag(FLAGS_model);
  options.access = absl::GetFlag(FLAGS_access);
  return options;
}

}  // namespace csa
