#include "tools/run/launch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"

namespace csa {
namespace {

// More than an id and a newline.
constexpr size_t kMaxIdBytes = 4096;

}  // namespace

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

absl::Status LaunchDaemon(const std::vector<std::string>& spawn_arguments,
                          absl::string_view prompt) {
  CSA_ASSIGN_OR_RETURN(const UniqueFd input, OpenInMemory(prompt));
  if (const int error = MoveTo(input.get(), STDIN_FILENO); error != 0) {
    return ErrnoStatus("hand over the prompt", error);
  }
  std::vector<std::string> arguments = spawn_arguments;
  if (Format() == OutputFormat::kJson) {
    arguments.insert(arguments.begin() + 1, "--format=json");
  }
  return Execute(arguments);
}

absl::StatusOr<ExitStatus> LaunchAttached(
    const std::vector<std::string>& spawn_arguments, absl::string_view prompt) {
  // A signal that comes before csa-attach is there to see it stays pending.
  BlockSignals(WithoutIgnored({SIGINT, SIGTERM, SIGHUP}));
  CSA_ASSIGN_OR_RETURN(const UniqueFd input, OpenInMemory(prompt));
  CSA_ASSIGN_OR_RETURN(Pipe pipe, OpenPipe());
  CSA_ASSIGN_OR_RETURN(
      const pid_t spawn, Spawn(spawn_arguments, [&] {
        const int error = MoveTo(input.get(), STDIN_FILENO);
        return error != 0 ? error : MoveTo(pipe.writer.get(), STDOUT_FILENO);
      }));
  pipe.writer.Reset();
  CSA_ASSIGN_OR_RETURN(const std::string output,
                       ReadAll(pipe.reader.get(), kMaxIdBytes));
  CSA_ASSIGN_OR_RETURN(const int wait_status, Reap(spawn));
  if (!WIFEXITED(wait_status)) {
    return absl::InternalError("csa-spawn was killed");
  }
  if (WEXITSTATUS(wait_status) != 0) {
    return ExitStatusOf(WEXITSTATUS(wait_status));
  }
  const absl::string_view id = absl::StripAsciiWhitespace(output);
  CSA_ASSIGN_OR_RETURN(std::string attach, PathBesideExecutable("csa-attach"));
  std::vector<std::string> arguments = {std::move(attach), "--end-on-signal",
                                        absl::StrCat("--session=", id)};
  if (Format() == OutputFormat::kJson) arguments.push_back("--format=json");
  return Execute(arguments);
}

}  // namespace csa
