// csa-run: gives a prompt to an agent, as a session.
//
// Exit status: 0 it runs; with --no-daemon, the session's own; 127 no agent is
// installed; 125 wrong usage.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "common/agent/agent_tool.h"
#include "common/agent/command_line.h"
#include "common/base/status_macros.h"
#include "common/cli/launch_options.h"
#include "common/cli/tool.h"
#include "tools/run/launch.h"
#include "tools/run/resolve.h"

ABSL_FLAG(std::string, prompt_file, "", "FILE|read the prompt from FILE");
ABSL_FLAG(bool, no_daemon, false,
          "stay attached until the session has ended; Ctrl-C ends it");
// What it asks for is what happens anyway.
ABSL_FLAG(bool, daemon, false, "");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-run",
    .synopsis = "[PROMPT]",
    .summary = "Gives PROMPT to an agent, as a session, and prints its id.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const LaunchOptions options, GetLaunchOptions());
  CSA_ASSIGN_OR_RETURN(const AgentTool tool,
                       ChooseTool(BuiltinTools(), options.tool));
  CSA_ASSIGN_OR_RETURN(const std::string prompt,
                       ReadPrompt(operands, absl::GetFlag(FLAGS_prompt_file)));
  CSA_ASSIGN_OR_RETURN(const CommandLine line,
                       CommandLineFor(tool, options.model, prompt));
  CSA_ASSIGN_OR_RETURN(const std::vector<std::string> arguments,
                       SpawnArguments(tool, line, options));
  if (absl::GetFlag(FLAGS_no_daemon)) return LaunchAttached(arguments, prompt);
  return LaunchDaemon(arguments, prompt);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
