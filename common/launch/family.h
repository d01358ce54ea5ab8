// Which agent the caller is.

#ifndef CSA_COMMON_LAUNCH_FAMILY_H_
#define CSA_COMMON_LAUNCH_FAMILY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/agent/agent_tool.h"

namespace csa {

// The family of the agent that has started the caller: the tool of $CSA_TOOL if
// `tools` has it, else that of the nearest session around the caller's, else
// the nearest ancestor that runs one of them. "" where there is none. A tool
// that must be asked for is no agent.
std::string CallersFamily(absl::Span<const AgentTool> tools);

// The agent among `tools` that a process with the arguments `command_line`,
// each ended by NUL, runs: its program has that name, or is a known interpreter
// and its script has. Null where it is none.
const AgentTool* AgentRunBy(absl::string_view command_line,
                            absl::Span<const AgentTool> tools);

}  // namespace csa

#endif  // CSA_COMMON_LAUNCH_FAMILY_H_
