#include "tools/run/resolve.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/agent/choice.h"
#include "common/agent/command_line.h"
#include "common/base/status_macros.h"
#include "common/cli/tool.h"
#include "common/os/errno_status.h"
#include "common/os/process.h"

namespace csa {
namespace {

// A tool, and the model that it was chosen with, "" for none.
struct Choice {
  const AgentTool* tool;
  std::string model;
};

absl::StatusOr<Choice> ChooseInstalled(const Configuration& configuration) {
  std::vector<std::string> looked_for;
  for (const std::string& name : ListOf(configuration, {"prefer"})) {
    const AgentTool* const tool = FindTool(configuration, name);
    if (FindExecutable(tool->argv[0]).ok()) return Choice{tool, ""};
    looked_for.push_back(tool->argv[0]);
  }
  return NotInstalled(absl::StrCat(
      "no agent is installed: looked on PATH for ",
      absl::StrJoin(looked_for, ", "),
      ". A shell script needs none: csa run --tool sh 'echo hello'"));
}

absl::StatusOr<Choice> ChooseNamed(const Configuration& configuration,
                                   const std::string& name,
                                   absl::string_view named_by) {
  CSA_ASSIGN_OR_RETURN(const AgentTool* const tool,
                       InstalledTool(configuration, name, named_by));
  return Choice{tool, ""};
}

// Adds to `notes` what was passed over.
absl::StatusOr<Choice> ChooseOfTier(const Configuration& configuration,
                                    const std::string& tier,
                                    std::vector<std::string>& notes) {
  const std::vector<std::string> tools =
      ListOf(configuration, {"tiers", tier, "tools"});
  const std::vector<std::string> tiers = TierNames(configuration);
  if (tiers.empty()) {
    return UsageError(absl::StrCat("unknown tier '", tier,
                                   "'; the configuration has none: see "
                                   "'csa help config'"));
  }
  if (tools.empty()) return UnknownName("tier", tier, tiers);
  std::vector<std::string> missing;
  for (const std::string& text : tools) {
    const TierTool choice = ParseTierTool(text);
    const AgentTool* const tool = FindTool(configuration, choice.tool);
    const absl::Status executable = FindExecutable(tool->argv[0]).status();
    if (!executable.ok()) {
      missing.push_back(absl::StrCat(tool->name, " is not installed (",
                                     executable.message(), ")"));
      continue;
    }
    for (const std::string& reason : missing) {
      notes.push_back(
          absl::StrCat("tier ", tier, ": ", reason, "; taking ", tool->name));
    }
    return Choice{tool, choice.model};
  }
  return NotInstalled(
      absl::StrCat("no tool of the tier ", tier,
                   " can be run: ", absl::StrJoin(missing, ", ")));
}

absl::StatusOr<Choice> Choose(const Configuration& configuration,
                              const std::string& tier, const std::string& name,
                              std::vector<std::string>& notes) {
  if (!tier.empty() && !name.empty()) {
    return UsageError("give --tool or --tier, not both");
  }
  if (!tier.empty()) return ChooseOfTier(configuration, tier, notes);
  if (!name.empty()) return ChooseNamed(configuration, name, "");
  const Setting* const setting = FindSetting(configuration, {"default_tool"});
  if (setting == nullptr) return ChooseInstalled(configuration);
  return ChooseNamed(
      configuration, std::get<std::string>(setting->value),
      absl::StrCat(" (default_tool, ", setting->file, ":", setting->line, ")"));
}

}  // namespace

absl::StatusOr<ChosenTool> ChooseTool(const Configuration& configuration,
                                      const std::string& tier,
                                      const LaunchOptions& options) {
  if (!options.model.empty()) {
    CSA_RETURN_IF_ERROR(Named("--model", CheckModel(options.model)));
  }
  ChosenTool chosen = {.options = options};
  CSA_ASSIGN_OR_RETURN(const Choice choice,
                       Choose(configuration, tier, options.tool, chosen.notes));
  chosen.tool = *choice.tool;
  const ToolSettings settings = SettingsOf(configuration, choice.tool->name);
  LaunchOptions& merged = chosen.options;
  merged.tool = choice.tool->name;
  if (merged.model.empty()) merged.model = choice.model;
  if (merged.model.empty()) merged.model = settings.model;
  if (merged.access.empty()) merged.access = settings.access;
  if (merged.access.empty()) merged.access = DefaultAccess(chosen.tool);
  if (!merged.timeout.has_value()) merged.timeout = settings.timeout;
  if (!merged.idle_timeout.has_value()) {
    merged.idle_timeout = settings.idle_timeout;
  }
  // Of two with one name the later one counts: the command line's.
  merged.environment.insert(merged.environment.begin(),
                            settings.environment.begin(),
                            settings.environment.end());
  return chosen;
}

}  // namespace csa
