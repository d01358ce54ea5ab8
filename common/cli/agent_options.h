// The options that say which agent a session runs, and how: beside those of
// launch_options.h, for csa-run and csa-spawn.

#ifndef CSA_COMMON_CLI_AGENT_OPTIONS_H_
#define CSA_COMMON_CLI_AGENT_OPTIONS_H_

#include "absl/status/statusor.h"
#include "common/cli/launch_options.h"

namespace csa {

// What the command line gave, --tool, --model and --access among it. Errors as
// those of GetLaunchOptions.
absl::StatusOr<LaunchOptions> GetAgentOptions();

}  // namespace csa

#endif  // CSA_COMMON_CLI_AGENT_OPTIONS_H_
