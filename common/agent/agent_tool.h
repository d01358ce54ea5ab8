// The tools that a session can run, as data.

#ifndef CSA_COMMON_AGENT_AGENT_TOOL_H_
#define CSA_COMMON_AGENT_AGENT_TOOL_H_

#include <map>
#include <string>
#include <vector>

namespace csa {

// How a prompt gets to a tool.
enum class PromptDelivery {
  kStdin,     // as its standard input
  kArgument,  // in the place of the argument "{prompt}"
  kFile,      // the path of a file with it, in the place of "{prompt}"
};

// One [[tool]] of a table.
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

// The tools of builtin_tools.toml, in its order. Generated from it: reading
// TOML is most of what csa-run would do.
std::vector<AgentTool> BuiltinTools();

}  // namespace csa

#endif  // CSA_COMMON_AGENT_AGENT_TOOL_H_
