// The configuration as text and as JSON.

#ifndef CSA_TOOLS_CONFIG_REPORT_H_
#define CSA_TOOLS_CONFIG_REPORT_H_

#include <string>
#include <vector>

#include "common/agent/configuration.h"

namespace csa {

// A line "KEY = VALUE  # origin" for each setting. All of them together are a
// user's file that says the same; so the tools that the user's file defines
// come last, each after a line "[[tool]]".
std::vector<std::string> FormatConfiguration(
    const Configuration& configuration);

// A JSON object for each setting, as docs/json.md has it, in the order of the
// keys.
std::vector<std::string> FormatConfigurationJson(
    const Configuration& configuration);

}  // namespace csa

#endif  // CSA_TOOLS_CONFIG_REPORT_H_
