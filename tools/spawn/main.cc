// csa-spawn: starts a command as a session and prints its id.
//
// Exit status: 0 it runs, 126 or 127 the command could not be executed, 125
// anything else was wrong. Nothing is left of a session that could not start.

#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/cli/agent_options.h"
#include "common/cli/tool.h"
#include "tools/spawn/announcement.h"
#include "tools/spawn/conversation_options.h"
#include "tools/spawn/prompt_options.h"
#include "tools/spawn/spawn.h"

ABSL_FLAG(bool, end_nested, false,
          "end the sessions that are started in this one with it; else they go "
          "on when it ends by itself");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-spawn",
    .synopsis = "[--] COMMAND [ARGUMENT]...",
    .summary = "Starts COMMAND as a session and prints the session's id.",
    .order = OptionOrder::kBeforeOperands,
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (operands.empty()) return UsageError("no command is given");
  CSA_ASSIGN_OR_RETURN(const LaunchOptions options, GetAgentOptions());
  CSA_ASSIGN_OR_RETURN(const PromptOptions prompt, GetPromptOptions());
  CSA_ASSIGN_OR_RETURN(
      const StartedSession session,
      StartSession(operands, options, prompt, GetConversation(),
                   absl::GetFlag(FLAGS_end_nested)));
  Announce(session);
  return ExitStatus::kSuccess;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
