// What the user and the project want of csa run: which tools, which models, for
// how long. docs/configuration.md describes the files.
//
// All of it is a table of settings by key, and each knows where it comes from.

#ifndef CSA_COMMON_AGENT_CONFIGURATION_H_
#define CSA_COMMON_AGENT_CONFIGURATION_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/agent/agent_tool.h"

namespace csa {

// Who says something.
enum class Origin {
  kBuiltin,      // csa itself
  kUserFile,     // the user's own file
  kProjectFile,  // the project's: it came with a repository, and is not trusted
};

// "builtin", "user file", "project file".
absl::string_view OriginName(Origin origin);

// The parts of a key, as {"tools", "codex", "model"}. Those of a tool that the
// user's file defines begin with {"tool", NAME}.
using ConfigurationKey = std::vector<std::string>;

struct Setting {
  std::variant<std::string, std::vector<std::string>, bool> value;
  Origin origin = Origin::kBuiltin;
  std::string file;  // its path; "" where it is built in
  int line = 0;      // counted from 1; 0 where it is built in
};

struct Configuration {
  // The built-in ones, then those that the user's file defines.
  std::vector<AgentTool> tools;
  // {"prefer"} is always there, with every tool that need not be asked for.
  std::map<ConfigurationKey, Setting> settings;
};

// What holds where there are no files.
Configuration BuiltinConfiguration(std::vector<AgentTool> tools);

// Adds to {"prefer"} every tool that it does not name and that need not be
// asked for, in the order of the tools.
void CompletePreference(Configuration& configuration);

// The tool of `configuration` that has this name; null when there is none.
const AgentTool* FindTool(const Configuration& configuration,
                          absl::string_view name);

// The names of the tools, in their order.
std::vector<std::string> ToolNames(const Configuration& configuration);

// The setting of `key`; null when there is none.
const Setting* FindSetting(const Configuration& configuration,
                           const ConfigurationKey& key);

// The texts of a setting that is a list; none where there is no such setting.
std::vector<std::string> ListOf(const Configuration& configuration,
                                const ConfigurationKey& key);

// The names of the tiers, sorted.
std::vector<std::string> TierNames(const Configuration& configuration);

// An element of a tier: "TOOL" or "TOOL:MODEL".
struct TierTool {
  std::string tool;
  std::string model;  // "" where it has none
};
TierTool ParseTierTool(absl::string_view text);
std::string FormatTierTool(const TierTool& tool);

// What [tools.NAME] has for one tool.
struct ToolSettings {
  std::string model;   // "": the tool's own choice
  std::string access;  // read-only, workspace or full; "": not said
  std::optional<absl::Duration> timeout;
  std::optional<absl::Duration> idle_timeout;
  std::map<std::string, std::string> environment;
};
ToolSettings SettingsOf(const Configuration& configuration,
                        const std::string& tool);

// Whether `part` can stand in a key of TOML without quotes.
bool IsBareKey(absl::string_view part);

// A key as TOML has it: "tools.codex.model". A part that could not stand so is
// quoted.
std::string FormatKey(const ConfigurationKey& key);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_CONFIGURATION_H_
