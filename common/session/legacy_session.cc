#include "common/session/legacy_session.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/os/file.h"
#include "common/os/proc.h"

namespace csa {
namespace {

// Where the directive stands in the log is not known; it is written at the
// start of the session, and may be written again.
constexpr size_t kMaxLogBytes = size_t{64} << 20;
constexpr size_t kMaxPidFileBytes = 64;

std::optional<LegacyPid> Named(absl::string_view pid) {
  LegacyPid named;
  if (!absl::SimpleAtoi(pid, &named.pid) || named.pid <= 1) return std::nullopt;
  return named;
}

std::optional<LegacyPid> NamedProcess(const SessionDirectory& session) {
  const absl::StatusOr<std::string> file =
      ReadFileAt(session.fd(), kLockFile, kMaxPidFileBytes);
  if (file.ok()) return ParseLegacyPidFile(*file);
  const absl::StatusOr<std::string> log =
      ReadTailAt(session.fd(), kStderrFile, kMaxLogBytes);
  if (log.ok()) return ParseLegacyDirective(*log);
  return std::nullopt;
}

}  // namespace

std::optional<LegacyPid> ParseLegacyPidFile(absl::string_view text) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  if (words.empty() || words.size() > 2) return std::nullopt;
  std::optional<LegacyPid> named = Named(words[0]);
  if (!named.has_value() || words.size() == 1) return named;
  uint64_t start_ticks;
  if (!absl::SimpleAtoi(words[1], &start_ticks)) return std::nullopt;
  named->start_ticks = start_ticks;
  return named;
}

std::optional<LegacyPid> ParseLegacyDirective(absl::string_view log) {
  constexpr absl::string_view kOpening = "<!-- CSA:SESSION_STARTED ";
  const size_t start = log.rfind(kOpening);
  if (start == log.npos) return std::nullopt;
  absl::string_view directive = log.substr(start + kOpening.size());
  const size_t end = directive.find("-->");
  if (end == directive.npos) return std::nullopt;
  directive = directive.substr(0, end);
  for (absl::string_view word : absl::StrSplit(directive, ' ')) {
    if (absl::ConsumePrefix(&word, "pid=")) return Named(word);
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<pid_t>> LegacyProcess(
    const SessionDirectory& session) {
  const std::optional<LegacyPid> named = NamedProcess(session);
  if (!named.has_value()) return std::nullopt;
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(named->pid);
  if (!process.ok() || process->dead()) return std::nullopt;
  if (named->start_ticks.value_or(process->start_ticks) !=
      process->start_ticks) {
    return std::nullopt;
  }
  const std::string& id = session.id().text();
  if (absl::StrContains(EnvironmentOf(named->pid), id) ||
      absl::StrContains(CommandLineOf(named->pid), id)) {
    return named->pid;
  }
  return std::nullopt;
}

}  // namespace csa
