// What csa-run tells csa-spawn.

#ifndef CSA_TOOLS_RUN_SPAWN_ARGUMENTS_H_
#define CSA_TOOLS_RUN_SPAWN_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/agent/agent_tool.h"
#include "common/agent/command_line.h"
#include "common/cli/launch_options.h"
#include "tools/run/resume.h"

namespace csa {

// The arguments of csa-spawn, its path first, for a session that runs `line`.
absl::StatusOr<std::vector<std::string>> SpawnArguments(
    const AgentTool& tool, const CommandLine& line,
    const LaunchOptions& options, const Conversation& conversation);

}  // namespace csa

#endif  // CSA_TOOLS_RUN_SPAWN_ARGUMENTS_H_
