#include "tools/result/report.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/json.h"
#include "common/base/utf8.h"
#include "common/cli/duration.h"
#include "common/cli/size.h"
#include "common/os/file.h"
#include "common/session/session_report.h"
#include "common/session/timestamp.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kTailBytes = size_t{16} << 10;
constexpr int64_t kBytesPerKb = 1024;

std::vector<std::string> LastLines(const SessionDirectory& session) {
  const absl::StatusOr<std::string> tail =
      ReadTailAt(session.fd(), kStderrFile, kTailBytes);
  if (!tail.ok()) return {};
  std::vector<std::string> lines;
  for (const absl::string_view line :
       absl::StrSplit(absl::StripSuffix(*tail, "\n"), '\n')) {
    lines.push_back(BlankControls(ReplaceInvalidUtf8(line)));
  }
  // The first may be the end of a line.
  if (tail->size() == kTailBytes) lines.erase(lines.begin());
  const size_t surplus = lines.size() - std::min(lines.size(), kStderrLines);
  lines.erase(lines.begin(), lines.begin() + static_cast<ptrdiff_t>(surplus));
  if (lines == std::vector<std::string>{""}) lines.clear();
  return lines;
}

// "exit status 3" or "signal 9 (Killed)", as the command ended.
std::string DescribeRawEnd(const SessionResult& result) {
  if (result.command_exit.has_value()) {
    return absl::StrCat("exit status ", *result.command_exit);
  }
  if (result.command_signal.has_value()) {
    return absl::StrCat("signal ", *result.command_signal, " (",
                        strsignal(*result.command_signal), ")");
  }
  return "";
}

}  // namespace

Outcome ReadOutcome(const SessionDirectory& session,
                    const SessionState& state) {
  Outcome outcome = {.id = session.id().text(),
                     .state = state,
                     .stderr_lines = {},
                     .stdout_path = session.PathOf(kStdoutFile),
                     .stderr_path = session.PathOf(kStderrFile)};
  const bool succeeded = state.kind == SessionState::Kind::kFinished &&
                         state.result.status == SessionStatus::kSuccess;
  if (!succeeded && state.kind != SessionState::Kind::kRunning) {
    outcome.stderr_lines = LastLines(session);
  }
  return outcome;
}

std::string FormatOutcome(const Outcome& outcome) {
  const SessionResult& result = outcome.state.result;
  std::vector<std::string> lines;
  const auto add = [&](absl::string_view name, absl::string_view value) {
    if (value.empty()) return;
    lines.push_back(absl::StrFormat("%-10s%s", name, EscapeForDisplay(value)));
  };
  add("session", outcome.id);
  add("status", absl::StrCat(SessionStatusName(result.status), ", exit code ",
                             result.exit_code));
  if (outcome.state.kind == SessionState::Kind::kFinished) {
    add("command", DescribeRawEnd(result));
    add("tool", result.tool);
    add("summary", result.summary);
    add("started", FormatTimestamp(result.started_at));
    add("ended", FormatTimestamp(result.completed_at));
    if (!IsLost(outcome.state)) add("took", FormatShortDuration(result.wall));
    if (result.cpu.has_value()) add("cpu", FormatShortDuration(*result.cpu));
    if (result.max_rss_kb.has_value()) {
      add("memory", absl::StrCat(FormatSize(*result.max_rss_kb * kBytesPerKb),
                                 " in its largest process"));
    }
    if (result.memory_peak.has_value()) {
      add("", absl::StrCat(FormatSize(*result.memory_peak), " in all"));
    }
    if (result.strays > 0) {
      add("strays", absl::StrCat(result.strays, ": ",
                                 absl::StrJoin(result.stray_names, ", ")));
    }
    add("ended by", result.ended_by);
  }
  if (!outcome.stderr_lines.empty()) {
    lines.push_back(absl::StrCat("stderr ends with, in ",
                                 EscapeForDisplay(outcome.stderr_path), ":"));
  }
  for (const std::string& line : outcome.stderr_lines) {
    lines.push_back(absl::StrCat("  ", line));
  }
  return absl::StrJoin(lines, "\n");
}

std::string FormatOutcomeJson(const Outcome& outcome) {
  const SessionResult& result = outcome.state.result;
  const bool running = outcome.state.kind == SessionState::Kind::kRunning;
  const bool recorded = outcome.state.kind == SessionState::Kind::kFinished;
  const Json json = {
      {"session_id", outcome.id},
      {"state", std::string(ReportedStateName(outcome.state))},
      {"status",
       running ? Json() : Json(std::string(SessionStatusName(result.status)))},
      {"exit_code", running ? Json() : Json(result.exit_code)},
      {"command_exit", OrNull(result.command_exit)},
      {"command_signal", OrNull(result.command_signal)},
      {"tool", OrNull(result.tool)},
      {"summary", recorded ? Json(result.summary) : Json()},
      {"started_at",
       recorded ? Json(FormatTimestamp(result.started_at)) : Json()},
      {"completed_at",
       recorded ? Json(FormatTimestamp(result.completed_at)) : Json()},
      {"wall_seconds",
       recorded ? Json(absl::ToDoubleSeconds(result.wall)) : Json()},
      {"cpu_seconds", result.cpu.has_value()
                          ? Json(absl::ToDoubleSeconds(*result.cpu))
                          : Json()},
      {"max_rss_kb", OrNull(result.max_rss_kb)},
      {"memory_peak", OrNull(result.memory_peak)},
      {"strays", recorded ? Json(result.strays) : Json()},
      {"stray_names", result.stray_names},
      {"ended_by", OrNull(result.ended_by)},
      {"stderr_lines", outcome.stderr_lines},
      {"stdout_path", outcome.stdout_path},
      {"stderr_path", outcome.stderr_path},
  };
  return FormatJson(json);
}

}  // namespace csa
