#include "tools/run/resolve.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/cli/nearest.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/session/session_spec.h"

namespace csa {
namespace {

std::vector<std::string> NamesOf(const std::vector<AgentTool>& tools) {
  std::vector<std::string> names;
  names.reserve(tools.size());
  for (const AgentTool& tool : tools) names.push_back(tool.name);
  return names;
}

absl::Status NotInstalled(absl::string_view message) {
  return WithExitStatus(absl::NotFoundError(message), ExitStatus::kNotFound);
}

absl::StatusOr<AgentTool> ChooseInstalled(const std::vector<AgentTool>& tools) {
  std::vector<std::string> looked_for;
  for (const AgentTool& tool : tools) {
    if (tool.explicit_only) continue;
    if (FindExecutable(tool.argv[0]).ok()) return tool;
    looked_for.push_back(tool.argv[0]);
  }
  return NotInstalled(absl::StrCat(
      "no agent is installed: looked on PATH for ",
      absl::StrJoin(looked_for, ", "),
      ". A shell script needs none: csa run --tool sh 'echo hello'"));
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

absl::StatusOr<AgentTool> ChooseTool(const std::vector<AgentTool>& tools,
                                     absl::string_view name) {
  if (name.empty()) return ChooseInstalled(tools);
  for (const AgentTool& tool : tools) {
    if (tool.name != name) continue;
    const absl::Status executable = FindExecutable(tool.argv[0]).status();
    if (executable.ok()) return tool;
    if (absl::IsPermissionDenied(executable)) {
      return WithExitStatus(
          absl::FailedPreconditionError(absl::StrCat(
              "the tool ", name, " cannot be run: ", executable.message())),
          ExitStatus::kNotExecutable);
    }
    return NotInstalled(absl::StrCat(
        "the tool ", name, " is not installed: ", executable.message()));
  }
  const std::string nearest = Nearest(name, NamesOf(tools));
  return UsageError(absl::StrCat(
      "unknown tool '", name, "'; ",
      nearest.empty() ? "" : absl::StrCat("did you mean ", nearest, "? "),
      "the tools are ", absl::StrJoin(NamesOf(tools), ", ")));
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
