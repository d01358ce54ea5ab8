// The configuration of whoever calls csa.

#ifndef CSA_COMMON_AGENT_CONFIGURATION_FILES_H_
#define CSA_COMMON_AGENT_CONFIGURATION_FILES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/agent/agent_tool.h"
#include "common/agent/configuration.h"

namespace csa {

// The longest file that is read.
inline constexpr size_t kMaxConfigurationBytes = size_t{1} << 20;

// Where the user's files are: $XDG_CONFIG_HOME/csa, or ~/.config/csa where that
// variable is no absolute path; "" where there is no such place.
std::string UserConfigurationDirectory();

// What holds for the project in the directory `project`, "." for the working
// directory, on top of `builtin`: the user's config.toml, then the project's
// .csa/config.toml. A file
// that is not there says nothing; one that is there and cannot be read, or says
// what cannot be, is an error that names it. Only regular files are read; the
// project's is no symbolic link, so that a repository makes nobody read what is
// not in it. Does not block.
absl::StatusOr<Configuration> LoadConfiguration(std::vector<AgentTool> builtin,
                                                const std::string& project);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_CONFIGURATION_FILES_H_
