// Reading a table of tools.

#ifndef CSA_COMMON_AGENT_TOOL_TABLE_H_
#define CSA_COMMON_AGENT_TOOL_TABLE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/agent/agent_tool.h"
#include "common/base/toml.h"

namespace csa {

// Reads a table: TOML, `name`, `family`, `argv`, `prompt` (stdin, argument or
// file) and, where wanted, `explicit`, `model`, `resume`, `conversation`,
// `environment` and `access`. InvalidArgument, with the line, where it is none,
// a key is unknown, a name comes twice, or a placeholder in a command line has
// nothing to stand for.
absl::StatusOr<std::vector<AgentTool>> ParseToolTable(absl::string_view toml);

// The same of `tables`, the [[tool]] of a document that may have more. The
// error is "line N: what is wrong".
absl::StatusOr<std::vector<AgentTool>> ReadTools(const toml::array& tables);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_TOOL_TABLE_H_
