// Tools whose work is a session: they start themselves in one.

#ifndef CSA_COMMON_LAUNCH_OWN_SESSION_H_
#define CSA_COMMON_LAUNCH_OWN_SESSION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cli/launch_options.h"

namespace csa {

// The arguments of csa-spawn, its path first, for a session in which the tool
// csa-`name` goes on with `arguments`, and with its prompt as standard input.
// Of `options`, description, timeout and labels are the session's; the others
// are for the agents that the tool asks: AgentsOptions gives them there. The
// variables are in the session's environment, for a command line is stored. The
// agents' sessions end with it.
// FailedPrecondition where the sessions of agents would be nested too deep.
absl::StatusOr<std::vector<std::string>> OwnSessionArguments(
    absl::string_view name, const std::vector<std::string>& arguments,
    const LaunchOptions& options);

// What `options`, GetLaunchOptions in such a session, are for the agents.
LaunchOptions AgentsOptions(LaunchOptions options);

}  // namespace csa

#endif  // CSA_COMMON_LAUNCH_OWN_SESSION_H_
