#include "tools/run/resolve.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/agent/command_line.h"
#include "common/base/status_macros.h"
#include "common/cli/nearest.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/session/session_spec.h"

namespace csa {
namespace {

// A tool, and the model that it was chosen with, "" for none.
struct Choice {
  const AgentTool* tool;
  std::string model;
};

std::vector<std::string> NamesOf(const std::vector<AgentTool>& tools) {
  std::vector<std::string> names;
  names.reserve(tools.size());
  for (const AgentTool& tool : tools) names.push_back(tool.name);
  return names;
}

absl::Status NotInstalled(absl::string_view message) {
  return WithExitStatus(absl::NotFoundError(message), ExitStatus::kNotFound);
}

// "unknown WHAT 'word'; did you mean X? the WHATs are A, B".
absl::Status Unknown(absl::string_view what, absl::string_view word,
                     const std::vector<std::string>& words) {
  const std::string nearest = Nearest(word, words);
  return UsageError(absl::StrCat(
      "unknown ", what, " '", word, "'; ",
      nearest.empty() ? "" : absl::StrCat("did you mean ", nearest, "? "),
      "the ", what, "s are ", absl::StrJoin(words, ", ")));
}

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

// The tool `name`; `why` says who named it where that was not --tool.
absl::StatusOr<Choice> ChooseNamed(const Configuration& configuration,
                                   const std::string& name,
                                   absl::string_view why) {
  const AgentTool* const tool = FindTool(configuration, name);
  if (tool == nullptr) {
    return Unknown("tool", name, NamesOf(configuration.tools));
  }
  const absl::Status executable = FindExecutable(tool->argv[0]).status();
  if (executable.ok()) return Choice{tool, ""};
  if (absl::IsPermissionDenied(executable)) {
    return WithExitStatus(
        absl::FailedPreconditionError(absl::StrCat(
            "the tool ", name, why, " cannot be run: ", executable.message())),
        ExitStatus::kNotExecutable);
  }
  return NotInstalled(absl::StrCat(
      "the tool ", name, why, " is not installed: ", executable.message()));
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
  if (tools.empty()) return Unknown("tier", tier, tiers);
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

absl::StatusOr<std::string> ReadNamed(absl::string_view name, int fd) {
  absl::StatusOr<std::string> text = ReadAll(fd, kMaxPromptBytes);
  if (!text.ok()) return Named(name, text.status());
  return text;
}

absl::StatusOr<std::string> ReadPromptFile(const std::string& path) {
  CSA_ASSIGN_OR_RETURN(const UniqueFd file, OpenNamedByUser(path));
  return ReadNamed(path, file.get());
}

absl::StatusOr<std::string> ReadPromptFromStdin(bool asked_for) {
  if (!asked_for && IsTerminal(STDIN_FILENO)) {
    return UsageError(
        "no prompt: give one as an argument, with --prompt-file, or on "
        "standard input, which is a terminal");
  }
  return ReadNamed("standard input", STDIN_FILENO);
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

absl::StatusOr<std::string> ReadPrompt(const Operands& operands,
                                       const std::string& prompt_file) {
  if (operands.size() > 1) {
    return UsageError(absl::StrCat("one prompt, please, not ", operands.size(),
                                   " arguments: put it in quotes"));
  }
  if (!operands.empty() && !prompt_file.empty()) {
    return UsageError("a prompt is given twice: as argument and --prompt-file");
  }
  const bool is_operand = !operands.empty() && operands[0] != "-";
  absl::StatusOr<std::string> prompt =
      is_operand             ? operands[0]
      : !prompt_file.empty() ? ReadPromptFile(prompt_file)
                             : ReadPromptFromStdin(!operands.empty());
  if (absl::IsOutOfRange(prompt.status())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the prompt is longer than ", kMaxPromptBytes >> 20, " MiB"));
  }
  if (prompt.ok() && absl::StripAsciiWhitespace(*prompt).empty()) {
    return absl::InvalidArgumentError("the prompt is empty");
  }
  return prompt;
}

}  // namespace csa
