#include "tools/run/request.h"

#include <utility>

#include "absl/flags/flag.h"
#include "common/agent/agent_tool.h"
#include "common/agent/command_line.h"
#include "common/agent/configuration.h"
#include "common/agent/configuration_files.h"
#include "common/base/status_macros.h"
#include "common/cli/agent_options.h"
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

namespace csa {

absl::StatusOr<Request> ResolveRequest(const Operands& operands) {
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
  CSA_ASSIGN_OR_RETURN(ChosenTool chosen,
                       ChooseTool(configuration, tier, options));
  Request request;
  CSA_ASSIGN_OR_RETURN(request.prompt,
                       ReadPrompt(operands, absl::GetFlag(FLAGS_prompt_file)));
  if (session.empty()) conversation = NewConversation(chosen.tool);
  CSA_ASSIGN_OR_RETURN(const CommandLine line,
                       CommandLineFor(chosen.tool,
                                      {.model = chosen.options.model,
                                       .access = chosen.options.access,
                                       .conversation = conversation.id,
                                       .resume = !session.empty()},
                                      request.prompt));
  if (!session.empty()) {
    CSA_RETURN_IF_ERROR(EnterProject(conversation));
  }
  CSA_ASSIGN_OR_RETURN(
      request.spawn_arguments,
      SpawnArguments(chosen.tool, line, chosen.options, conversation));
  request.notes = std::move(chosen.notes);
  return request;
}

}  // namespace csa
