// From a tool of the table and a prompt to what is executed.

#ifndef CSA_COMMON_AGENT_COMMAND_LINE_H_
#define CSA_COMMON_AGENT_COMMAND_LINE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/agent/agent_tool.h"

namespace csa {

// The longest prompt that is given as an argument: execve(2) takes 128 KiB.
inline constexpr size_t kMaxPromptArgumentBytes = 100 * 1024;

struct CommandLine {
  std::vector<std::string> argv;
  // The element of `argv` that is to be replaced by the path of a file with the
  // prompt, for PromptDelivery::kFile.
  std::optional<size_t> prompt_path_index;
};

// The command line for `tool`, with `model` ("" for the tool's own choice) and
// `prompt`. InvalidArgument when the tool takes no model, or the prompt cannot
// be an argument.
absl::StatusOr<CommandLine> CommandLineFor(const AgentTool& tool,
                                           absl::string_view model,
                                           absl::string_view prompt);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_COMMAND_LINE_H_
