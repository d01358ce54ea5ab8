// csa-run: gives a prompt to an agent, as a session.
//
// Exit status: 0 it runs; with --no-daemon, the session's own; 127 no agent is
// installed; 125 wrong usage.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/agent/agent_tool.h"
#include "common/agent/command_line.h"
#include "common/agent/configuration.h"
#include "common/agent/configuration_files.h"
#include "common/base/status_macros.h"
#include "common/cli/agent_options.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "common/launch/launch.h"
#include "common/launch/prompt.h"
#include "tools/run/resolve.h"
#include "tools/run/resume.h"
#include "tools/run/spawn_arguments.h"

ABSL_FLAG(std::string, prompt_file, "", "FILE|read the prompt from FILE");
ABSL_FLAG(std::string, session, "",
          "ID|go on with the conversation of the session ID, which has ended, "
          "in a new session");
ABSL_FLAG(std::string, tier, "",
          "NAME|run the first tool of this tier that is installed");
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
  CSA_ASSIGN_OR_RETURN(LaunchOptions options, GetAgentOptions());
  CSA_ASSIGN_OR_RETURN(Configuration configuration,
                       LoadConfiguration(BuiltinTools(), "."));
  const std::string session = absl::GetFlag(FLAGS_session);
  const std::string tier = absl::GetFlag(FLAGS_tier);
  if (!session.empty() && !tier.empty()) {
    return UsageError("give --session or --tier, not both");
  }
  Conversation conversation;
  if (!session.empty()) {
    CSA_ASSIGN_OR_RETURN(
        conversation,
        FindConversationOf(session, configuration.tools, options));
    CSA_ASSIGN_OR_RETURN(
        configuration, LoadConfiguration(BuiltinTools(), conversation.project));
  }
  CSA_ASSIGN_OR_RETURN(const ChosenTool chosen,
                       ChooseTool(configuration, tier, options));
  CSA_ASSIGN_OR_RETURN(const std::string prompt,
                       ReadPrompt(operands, absl::GetFlag(FLAGS_prompt_file)));
  if (session.empty()) conversation = NewConversation(chosen.tool);
  CSA_ASSIGN_OR_RETURN(const CommandLine line,
                       CommandLineFor(chosen.tool,
                                      {.model = chosen.options.model,
                                       .access = chosen.options.access,
                                       .conversation = conversation.id,
                                       .resume = !session.empty()},
                                      prompt));
  if (!session.empty()) {
    CSA_RETURN_IF_ERROR(EnterProject(conversation));
  }
  CSA_ASSIGN_OR_RETURN(
      const std::vector<std::string> arguments,
      SpawnArguments(chosen.tool, line, chosen.options, conversation));
  for (const std::string& note : chosen.notes) {
    PrintNotice(absl::StrCat(kTool.name, ": ", note));
  }
  if (absl::GetFlag(FLAGS_no_daemon)) return LaunchAttached(arguments, prompt);
  return LaunchDaemon(arguments, prompt);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
