// Handing over to csa-spawn.

#ifndef CSA_TOOLS_RUN_LAUNCH_H_
#define CSA_TOOLS_RUN_LAUNCH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/agent/agent_tool.h"
#include "common/agent/command_line.h"
#include "common/cli/exit_status.h"
#include "common/cli/launch_options.h"
#include "tools/run/resume.h"

namespace csa {

// The arguments of csa-spawn, its path first, for a session that runs `line`.
absl::StatusOr<std::vector<std::string>> SpawnArguments(
    const AgentTool& tool, const CommandLine& line,
    const LaunchOptions& options, const Conversation& conversation);

// Becomes csa-spawn, with `prompt` as its standard input. Returns only an
// error.
absl::Status LaunchDaemon(const std::vector<std::string>& spawn_arguments,
                          absl::string_view prompt);

// Starts the session in the same way, then becomes csa-attach: SIGINT, SIGTERM
// and SIGHUP end the session from the moment it is started. Returns csa-spawn's
// exit status when that failed, else only an error.
absl::StatusOr<ExitStatus> LaunchAttached(
    const std::vector<std::string>& spawn_arguments, absl::string_view prompt);

}  // namespace csa

#endif  // CSA_TOOLS_RUN_LAUNCH_H_
