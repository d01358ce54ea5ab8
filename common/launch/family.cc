#include "common/launch/family.h"

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/session_variables.h"
#include "common/os/proc.h"
#include "common/session/caller.h"
#include "common/session/session_directory.h"
#include "common/session/session_store.h"

namespace csa {
namespace {

// What agents are run by that are scripts.
constexpr std::array<absl::string_view, 9> kInterpreters = {
    "node", "nodejs", "bun", "deno", "python", "python3", "sh", "bash", "ruby"};

// "codex" for "/usr/lib/bin/codex.js".
absl::string_view NameOf(absl::string_view path) {
  // There is none in front of a name alone: npos + 1 is 0.
  absl::string_view name = path.substr(path.rfind('/') + 1);
  for (const absl::string_view suffix : {".js", ".exe"}) {
    if (absl::ConsumeSuffix(&name, suffix)) break;
  }
  return name;
}

// The agent among `tools` that is called `name`; null where there is none.
const AgentTool* AgentCalled(absl::string_view name,
                             absl::Span<const AgentTool> tools) {
  for (const AgentTool& tool : tools) {
    if (!tool.explicit_only && tool.name == name) return &tool;
  }
  return nullptr;
}

}  // namespace

const AgentTool* AgentRunBy(absl::string_view command_line,
                            absl::Span<const AgentTool> tools) {
  // The program, the options of an interpreter, and its script.
  constexpr size_t kMostLookedAt = 4;
  const std::vector<absl::string_view> arguments =
      absl::StrSplit(command_line, absl::MaxSplits('\0', kMostLookedAt));
  for (size_t i = 0; i < arguments.size() && i < kMostLookedAt; ++i) {
    const absl::string_view argument = arguments[i];
    if (i > 0 && !argument.empty() && argument[0] == '-') continue;
    for (const AgentTool& tool : tools) {
      if (!tool.explicit_only && NameOf(argument) == NameOf(tool.argv[0])) {
        return &tool;
      }
    }
    // Behind the script stands what it is to do.
    const bool interprets =
        i == 0 && std::find(kInterpreters.begin(), kInterpreters.end(),
                            NameOf(argument)) != kInterpreters.end();
    if (!interprets) break;
  }
  return nullptr;
}

std::string CallersFamily(absl::Span<const AgentTool> tools) {
  const char* const named = std::getenv(kToolVariable);
  if (named != nullptr) {
    const AgentTool* const tool = AgentCalled(named, tools);
    if (tool != nullptr) return tool->family;
  }
  // A session that an agent has started is no child of the agent.
  if (const absl::StatusOr<SessionStore> store = SessionStore::Open();
      store.ok()) {
    for (const SessionId& id : CallersSessions(*store)) {
      const absl::StatusOr<SessionDirectory> session = store->OpenVisible(id);
      if (!session.ok()) continue;
      const absl::StatusOr<SessionSpec> spec = session->ReadSpec();
      const AgentTool* const tool =
          spec.ok() ? AgentCalled(spec->tool, tools) : nullptr;
      if (tool != nullptr) return tool->family;
    }
  }
  pid_t pid = getppid();
  while (pid > 1) {
    if (const AgentTool* tool = AgentRunBy(CommandLineOf(pid), tools)) {
      return tool->family;
    }
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
    if (!process.ok()) break;
    pid = process->parent;
  }
  return "";
}

}  // namespace csa
