#include "common/agent/command_line.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/os/errno_status.h"

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

absl::Status CheckModelOf(const AgentTool& tool, absl::string_view model) {
  if (model.empty()) return absl::OkStatus();
  if (!tool.model_arguments.empty()) return Named("--model", CheckModel(model));
  return absl::InvalidArgumentError(
      absl::StrCat("--model: the tool ", tool.name, " takes no model"));
}

// The access mode `name` of `tool`; for one that knows no limits, one that
// changes nothing.
absl::StatusOr<AccessMode> AccessModeFor(const AgentTool& tool,
                                         const std::string& name) {
  if (std::find(kAccessModes.begin(), kAccessModes.end(), name) ==
      kAccessModes.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--access: '", name, "' is none of ",
                     absl::StrJoin(kAccessModes, ", ")));
  }
  if (tool.access.empty() && name == kFullAccess) return AccessMode();
  if (const auto mode = tool.access.find(name); mode != tool.access.end()) {
    return mode->second;
  }
  std::vector<absl::string_view> known;
  for (const auto& [mode, content] : tool.access) known.emplace_back(mode);
  if (known.empty()) known.emplace_back(kFullAccess);
  return absl::InvalidArgumentError(
      absl::StrCat("--access: the tool ", tool.name, " cannot be held to '",
                   name, "', only to ", absl::StrJoin(known, ", ")));
}

absl::Status CheckResume(const AgentTool& tool, absl::string_view id) {
  if (tool.resume_argv.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the tool ", tool.name, " cannot go on with a conversation"));
  }
  if (id.empty() || absl::StartsWith(id, "-")) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", id, "' is no conversation of ", tool.name));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckModel(absl::string_view model) {
  if (absl::StartsWith(model, "-")) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model '", model,
                     "' begins with '-': the tool would take it for an option; "
                     "give the name of a model"));
  }
  const bool has_control = std::any_of(model.begin(), model.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (model.empty() || has_control) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model ", model.empty() ? "is empty" : "has a control character",
        "; give the name of a model"));
  }
  return absl::OkStatus();
}

std::string DefaultAccess(const AgentTool& tool) {
  for (const absl::string_view mode :
       {kWorkspaceAccess, kReadOnlyAccess, kFullAccess}) {
    std::string name(mode);
    if (tool.access.contains(name)) return name;
  }
  return "";
}

absl::StatusOr<CommandLine> CommandLineFor(const AgentTool& tool,
                                           const AgentRequest& request,
                                           absl::string_view prompt) {
  CSA_RETURN_IF_ERROR(CheckModelOf(tool, request.model));
  if (request.resume) {
    CSA_RETURN_IF_ERROR(CheckResume(tool, request.conversation));
  }
  if (tool.delivery == PromptDelivery::kArgument) {
    CSA_RETURN_IF_ERROR(CheckArgument(tool, prompt));
  }
  AccessMode access;
  if (const std::string name =
          request.access.empty() ? DefaultAccess(tool) : request.access;
      !name.empty()) {
    CSA_ASSIGN_OR_RETURN(access, AccessModeFor(tool, name));
  }
  CommandLine line = {.environment = tool.environment};
  for (const auto& [name, value] : access.environment) {
    line.environment.insert_or_assign(name, value);
  }
  for (const std::string& argument :
       request.resume ? tool.resume_argv : tool.argv) {
    if (argument == "{model}") {
      if (request.model.empty()) continue;
      for (const std::string& part : tool.model_arguments) {
        line.argv.push_back(
            absl::StrReplaceAll(part, {{"{model}", request.model}}));
      }
    } else if (argument == "{access}") {
      line.argv.insert(line.argv.end(), access.arguments.begin(),
                       access.arguments.end());
    } else if (argument == "{conversation}") {
      line.argv.push_back(request.conversation);
    } else if (argument == "{prompt}" &&
               tool.delivery == PromptDelivery::kArgument) {
      line.argv.emplace_back(prompt);
    } else {
      if (argument == "{prompt}") line.prompt_path_index = line.argv.size();
      line.argv.push_back(argument);
    }
  }
  return line;
}

}  // namespace csa
