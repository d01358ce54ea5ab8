#include "tools/run/spawn_arguments.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/process.h"

namespace csa {

absl::StatusOr<std::vector<std::string>> SpawnArguments(
    const AgentTool& tool, const CommandLine& line,
    const LaunchOptions& options, const Conversation& conversation) {
  LaunchOptions with_tool = options;
  with_tool.tool = tool.name;
  // What the user says comes after what the table says, and counts.
  with_tool.environment.assign(line.environment.begin(),
                               line.environment.end());
  with_tool.environment.insert(with_tool.environment.end(),
                               options.environment.begin(),
                               options.environment.end());
  std::vector<std::string> arguments;
  CSA_ASSIGN_OR_RETURN(std::string program, PathBesideExecutable("csa-spawn"));
  arguments.push_back(std::move(program));
  for (std::string& argument : FormatLaunchOptions(with_tool)) {
    arguments.push_back(std::move(argument));
  }
  if (!conversation.id.empty()) {
    arguments.push_back(absl::StrCat("--conversation=", conversation.id));
  }
  if (!conversation.continues.empty()) {
    arguments.push_back(absl::StrCat("--continues=", conversation.continues));
  }
  arguments.push_back("--stdin=capture");
  arguments.push_back(
      line.prompt_path_index.has_value()
          ? absl::StrCat("--prompt-to=argument:", *line.prompt_path_index)
      : tool.delivery == PromptDelivery::kStdin ? "--prompt-to=stdin"
                                                : "--prompt-to=none");
  arguments.push_back("--");
  arguments.insert(arguments.end(), line.argv.begin(), line.argv.end());
  return arguments;
}

}  // namespace csa
