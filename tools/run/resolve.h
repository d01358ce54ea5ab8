// Everything that csa-run finds out before anything is started.

#ifndef CSA_TOOLS_RUN_RESOLVE_H_
#define CSA_TOOLS_RUN_RESOLVE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/agent/agent_tool.h"
#include "common/cli/tool.h"

namespace csa {

// The tool of `tools` that is called `name`; when that is empty, the first that
// is installed and need not be asked for. An error with an exit status: 125
// for an unknown name, 127 for a tool that is not installed, or when there is
// none.
absl::StatusOr<AgentTool> ChooseTool(const std::vector<AgentTool>& tools,
                                     absl::string_view name);

// The prompt: the operand, the file `prompt_file` if that is not empty, or
// standard input, for the operand "-" or where neither is given. A usage error
// when it is given twice, or standard input is a terminal; InvalidArgument when
// it is blank or longer than kMaxPromptBytes.
absl::StatusOr<std::string> ReadPrompt(const Operands& operands,
                                       const std::string& prompt_file);

}  // namespace csa

#endif  // CSA_TOOLS_RUN_RESOLVE_H_
