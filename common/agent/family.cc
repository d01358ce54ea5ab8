#include "common/agent/family.h"

#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/session_variables.h"
#include "common/os/proc.h"

namespace csa {
namespace {

// "codex" for "/usr/lib/bin/codex.js".
absl::string_view NameOf(absl::string_view path) {
  // There is none in front of a name alone: npos + 1 is 0.
  absl::string_view name = path.substr(path.rfind('/') + 1);
  for (const absl::string_view suffix : {".js", ".exe"}) {
    if (absl::ConsumeSuffix(&name, suffix)) break;
  }
  return name;
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
    if (i > 0) break;
  }
  return nullptr;
}

std::string CallersFamily(absl::Span<const AgentTool> tools) {
  const char* const named = std::getenv(kToolVariable);
  for (const AgentTool& tool : tools) {
    if (named != nullptr && tool.name == named && !tool.explicit_only) {
      return tool.family;
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
