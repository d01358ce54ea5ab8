#include "common/launch/prompt.h"

#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/session/session_spec.h"

namespace csa {
namespace {

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
