// The tools that a session can run, as data.

#ifndef CSA_COMMON_AGENT_AGENT_TOOL_H_
#define CSA_COMMON_AGENT_AGENT_TOOL_H_

#include <array>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace csa {

// How a prompt gets to a tool.
enum class PromptDelivery {
  kStdin,     // as its standard input
  kArgument,  // in the place of the argument "{prompt}"
  kFile,      // the path of a file with it, in the place of "{prompt}"
};

// What an agent may be let do: only look, also change what is in its working
// directory, or whatever the user may do.
inline constexpr absl::string_view kReadOnlyAccess = "read-only";
inline constexpr absl::string_view kWorkspaceAccess = "workspace";
inline constexpr absl::string_view kFullAccess = "full";
inline constexpr std::array<absl::string_view, 3> kAccessModes = {
    kReadOnlyAccess, kWorkspaceAccess, kFullAccess};

// What makes a tool keep to one of kAccessModes.
struct AccessMode {
  std::vector<std::string> arguments;  // what "{access}" in a command line is
  std::map<std::string, std::string> environment;

  friend bool operator==(const AccessMode&, const AccessMode&) = default;
};

// One [[tool]] of a table.
struct AgentTool {
  std::string name;
  std::string family;  // whose models it speaks to: openai, anthropic … other
  // Only chosen by --tool, never for being installed.
  bool explicit_only = false;
  // The command line. "{prompt}" stands for the prompt or its path (delivery
  // by stdin has none), "{model}" for `model_arguments`, "{access}" for the
  // arguments of an access mode, "{conversation}" for the id of a conversation
  // that is chosen by csa: a UUID.
  std::vector<std::string> argv;
  // The command line that goes on with the conversation "{conversation}"; empty
  // for a tool that cannot.
  std::vector<std::string> resume_argv;
  // Where the tool chooses the id of a conversation: an RE2 pattern with one
  // group, the id, for the tool's stderr or stdout. Empty where csa chooses it.
  std::string conversation_pattern;
  // What "{model}" in `argv` stands for when a model is given, itself with
  // "{model}" for its name; empty for a tool that takes none.
  std::vector<std::string> model_arguments;
  PromptDelivery delivery = PromptDelivery::kStdin;
  std::map<std::string, std::string> environment;
  // By its name; none for a tool that knows no limits.
  std::map<std::string, AccessMode> access;

  friend bool operator==(const AgentTool&, const AgentTool&) = default;
};

// The tools of builtin_tools.toml, in its order. Generated from it: reading
// TOML is most of what csa-run would do.
std::vector<AgentTool> BuiltinTools();

}  // namespace csa

#endif  // CSA_COMMON_AGENT_AGENT_TOOL_H_
