// From a tool of the table and a prompt to what is executed.

#ifndef CSA_COMMON_AGENT_COMMAND_LINE_H_
#define CSA_COMMON_AGENT_COMMAND_LINE_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/agent/agent_tool.h"

namespace csa {

// The longest prompt that is given as an argument: execve(2) takes 128 KiB.
inline constexpr size_t kMaxPromptArgumentBytes = 100 * 1024;

// What is asked of a tool beside its prompt.
struct AgentRequest {
  std::string model;   // "" for the tool's own choice
  std::string access;  // one of kAccessModes, or "" for DefaultAccess
  // The id of the conversation, for a tool whose command line has one.
  std::string conversation;
  bool resume = false;  // go on with it, do not begin it
};

struct CommandLine {
  std::vector<std::string> argv;
  // The element of `argv` that is to be replaced by the path of a file with the
  // prompt, for PromptDelivery::kFile.
  std::optional<size_t> prompt_path_index;
  // The tool's variables, and those of the access mode.
  std::map<std::string, std::string> environment;
};

// The access mode of a tool where none is asked for: workspace, where it has
// that, else the least that it has. "" for a tool that knows no limits.
std::string DefaultAccess(const AgentTool& tool);

// Whether a tool can be given the model `model`: not when it would be taken for
// an option, or cannot be an argument. InvalidArgument says why.
absl::Status CheckModel(absl::string_view model);

// The command line for `tool`, with `request` and `prompt`. InvalidArgument
// when the tool has not what is asked of it, the prompt cannot be an argument,
// or a name would be taken for an option.
absl::StatusOr<CommandLine> CommandLineFor(const AgentTool& tool,
                                           const AgentRequest& request,
                                           absl::string_view prompt);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_COMMAND_LINE_H_
