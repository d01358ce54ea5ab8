// The tools that a session can run, as data.

#ifndef CSA_COMMON_AGENT_TOOL_TABLE_H_
#define CSA_COMMON_AGENT_TOOL_TABLE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// How a prompt gets to a tool.
enum class PromptDelivery {
  kStdin,     // as its standard input
  kArgument,  // in the place of the argument "{prompt}"
  kFile,      // the path of a file with it, in the place of "{prompt}"
};

// One [[tool]] of the table.
struct AgentTool {
  std::string name;
  std::string family;  // whose models it speaks to: openai, anthropic … other
  // Only chosen by --tool, never for being installed.
  bool explicit_only = false;
  // The command line. "{prompt}" stands for the prompt or its path (delivery
  // by stdin has none), "{model}" for `model_arguments`.
  std::vector<std::string> argv;
  // What "{model}" in `argv` stands for when a model is given, itself with
  // "{model}" for its name; empty for a tool that takes none.
  std::vector<std::string> model_arguments;
  PromptDelivery delivery = PromptDelivery::kStdin;
  std::map<std::string, std::string> environment;

  friend bool operator==(const AgentTool&, const AgentTool&) = default;
};

// Reads a table: TOML, `name`, `family`, `argv`, `prompt` (stdin, argument or
// file) and, where wanted, `explicit`, `model`, `environment`. InvalidArgument,
// with the line, where it is none, a key is unknown, a name comes twice, or
// "{prompt}" does not go with the delivery.
absl::StatusOr<std::vector<AgentTool>> ParseToolTable(absl::string_view toml);

// The table that csa is built with. It parses: a test sees to it.
std::vector<AgentTool> BuiltinTools();

}  // namespace csa

#endif  // CSA_COMMON_AGENT_TOOL_TABLE_H_
