#include "tools/run/resume.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/agent/conversation.h"
#include "common/base/status_macros.h"
#include "common/cli/tool.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/random.h"
#include "common/session/session_directory.h"
#include "common/session/session_state.h"
#include "common/session/session_store.h"

namespace csa {
namespace {

// An agent tells its id before it says anything else.
constexpr size_t kMaxBanner = 64 * 1024;

bool IsGivenId(const AgentTool& tool) {
  return std::find(tool.argv.begin(), tool.argv.end(), "{conversation}") !=
         tool.argv.end();
}

// What the tool has written of it in the logs of `session`; "" for nothing.
absl::StatusOr<std::string> FindInLogs(const SessionDirectory& session,
                                       const std::string& pattern) {
  for (const char* file : {kStderrFile, kStdoutFile}) {
    CSA_ASSIGN_OR_RETURN(const std::optional<UniqueFd> log,
                         session.OpenLog(file));
    if (!log.has_value()) continue;
    CSA_ASSIGN_OR_RETURN(const std::string banner,
                         ReadPart(log->get(), kMaxBanner));
    std::string id = FindConversation(pattern, banner);
    if (!id.empty()) return id;
  }
  return "";
}

absl::StatusOr<AgentTool> ToolOf(const SessionSpec& spec,
                                 const std::vector<AgentTool>& tools) {
  for (const AgentTool& tool : tools) {
    if (tool.name != spec.tool) continue;
    if (!tool.resume_argv.empty()) return tool;
    return absl::FailedPreconditionError(
        absl::StrCat("session ", spec.id, " ran ", tool.name,
                     ", which cannot go on with a conversation"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("session ", spec.id, " ran ",
                   spec.tool.empty() ? "no agent"
                                     : absl::StrCat("'", spec.tool,
                                                    "', which is no agent "
                                                    "that csa knows"),
                   ": there is no conversation to go on with"));
}

}  // namespace

Conversation NewConversation(const AgentTool& tool) {
  return {.id = IsGivenId(tool) ? UuidOf(Random64(), Random64()) : ""};
}

absl::StatusOr<Conversation> FindConversationOf(
    absl::string_view reference, const std::vector<AgentTool>& tools,
    LaunchOptions& options) {
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
  const std::string& id = session.id().text();
  CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
  if (state.kind == SessionState::Kind::kRunning) {
    return absl::FailedPreconditionError(absl::StrCat(
        "session ", id, " is still running: wait for its end first, with csa ",
        "session wait --session ", id));
  }
  CSA_ASSIGN_OR_RETURN(const SessionSpec spec, session.ReadSpec());
  if (!options.tool.empty() && options.tool != spec.tool) {
    return UsageError(absl::StrCat("--tool: session ", id, " ran '", spec.tool,
                                   "', and only that can go on with it"));
  }
  if (spec.project.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "session ", id, " ran in a directory that had been removed: there is ",
        "no place to go on in"));
  }
  CSA_ASSIGN_OR_RETURN(const AgentTool tool, ToolOf(spec, tools));
  Conversation conversation = {
      .id = spec.conversation, .continues = id, .project = spec.project};
  if (conversation.id.empty() && !tool.conversation_pattern.empty()) {
    CSA_ASSIGN_OR_RETURN(conversation.id,
                         FindInLogs(session, tool.conversation_pattern));
  }
  if (conversation.id.empty() || absl::StartsWith(conversation.id, "-")) {
    return absl::FailedPreconditionError(absl::StrCat(
        "there is no conversation to go on with: ", tool.name, " has not ",
        "told the id of one in the logs of session ", id));
  }
  options.tool = spec.tool;
  if (options.model.empty()) options.model = spec.model;
  if (options.access.empty()) options.access = spec.access;
  return conversation;
}

absl::Status EnterProject(const Conversation& conversation) {
  CSA_RETURN_IF_ERROR(EnterDirectory(conversation.project));
  CSA_ASSIGN_OR_RETURN(const std::string directory, WorkingDirectory());
  if (directory == conversation.project) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      conversation.project, ", where session ", conversation.continues,
      " ran, leads to ", directory, " now: there is no place to go on in"));
}

}  // namespace csa
