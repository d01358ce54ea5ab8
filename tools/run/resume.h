// Going on with the conversation of an earlier session.

#ifndef CSA_TOOLS_RUN_RESUME_H_
#define CSA_TOOLS_RUN_RESUME_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/agent/agent_tool.h"
#include "common/cli/launch_options.h"

namespace csa {

// The conversation that a session has.
struct Conversation {
  std::string id;  // as the agent calls it; empty where it chooses it
  std::string
      continues;        // the session that it goes on from; empty if it begins
  std::string project;  // the directory of that session
};

// A conversation that begins, with an id of our own where `tool` takes one.
Conversation NewConversation(const AgentTool& tool);

// The conversation of the session that `reference` means, to go on with. Sets
// what `options` leave open to what that session had: tool, model and access
// mode. FailedPrecondition where it still runs, ran no tool of `tools` that can
// go on, or cannot be found in its logs; a usage error where `options` ask for
// another tool.
absl::StatusOr<Conversation> FindConversationOf(
    absl::string_view reference, const std::vector<AgentTool>& tools,
    LaunchOptions& options);

// Makes the project of `conversation` the working directory. FailedPrecondition
// where it is another directory now: a link in its place.
absl::Status EnterProject(const Conversation& conversation);

}  // namespace csa

#endif  // CSA_TOOLS_RUN_RESUME_H_
