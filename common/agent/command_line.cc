#include "common/agent/command_line.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"

namespace csa {
namespace {

absl::Status CheckArgument(const AgentTool& tool, absl::string_view prompt) {
  if (prompt.size() > kMaxPromptArgumentBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the prompt has ", prompt.size(), " bytes, and ", tool.name,
        " takes it as an argument, of ", kMaxPromptArgumentBytes, " at most"));
  }
  if (absl::StrContains(prompt, '\0')) {
    return absl::InvalidArgumentError(
        absl::StrCat("the prompt has a NUL byte, and ", tool.name,
                     " takes it as an argument, which cannot have one"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> CommandLineFor(const AgentTool& tool,
                                           absl::string_view model,
                                           absl::string_view prompt) {
  if (!model.empty() && tool.model_arguments.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--model: the tool ", tool.name, " takes no model"));
  }
  if (tool.delivery == PromptDelivery::kArgument) {
    CSA_RETURN_IF_ERROR(CheckArgument(tool, prompt));
  }
  CommandLine line;
  for (const std::string& argument : tool.argv) {
    if (argument == "{model}") {
      if (model.empty()) continue;
      for (const std::string& part : tool.model_arguments) {
        line.argv.push_back(absl::StrReplaceAll(part, {{"{model}", model}}));
      }
      continue;
    }
    if (argument == "{prompt}" && tool.delivery == PromptDelivery::kFile) {
      line.prompt_path_index = line.argv.size();
    }
    const bool is_prompt =
        argument == "{prompt}" && tool.delivery == PromptDelivery::kArgument;
    line.argv.push_back(is_prompt ? std::string(prompt) : argument);
  }
  return line;
}

}  // namespace csa
