#include "tools/wait/wait.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/cli/directive.h"
#include "common/cli/output.h"
#include "common/os/clock.h"
#include "common/os/last_lines.h"
#include "common/os/unique_fd.h"
#include "common/session/caller.h"
#include "common/session/end_watch.h"
#include "common/session/session_report.h"

namespace csa {
namespace {

std::string FormatTimeoutDirective(const SessionId& id,
                                   absl::Duration timeout) {
  return FormatDirective(
      "SESSION_WAIT_TIMEOUT",
      {{"session", id.text()},
       {"elapsed", absl::StrCat(absl::ToInt64Seconds(timeout), "s")},
       {"cmd", absl::StrCat("csa session wait --session ", id.text())}});
}

std::string FormatCompletedDirective(const SessionId& id,
                                     const SessionResult& result) {
  return FormatDirective(
      "SESSION_WAIT_COMPLETED",
      {{"session", id.text()},
       {"status", std::string(SessionStatusName(result.status))},
       {"exit", absl::StrCat(result.exit_code)},
       {"strays", absl::StrCat(result.strays)}});
}

absl::Status PrintOutput(const SessionDirectory& session,
                         const OutputExtent& extent) {
  if (extent.none) return absl::OkStatus();
  CSA_ASSIGN_OR_RETURN(const std::optional<UniqueFd> log,
                       session.OpenLog(kStdoutFile));
  if (!log.has_value()) return absl::OkStatus();
  if (extent.last_lines.has_value()) {
    CSA_RETURN_IF_ERROR(SeekToLastLines(log->get(), *extent.last_lines));
  }
  const absl::Status copied = CopyToResult(log->get());
  return absl::IsAborted(copied) ? absl::OkStatus() : copied;
}

// Of a session that no longer runs.
ExitStatus ExitStatusOfEnd(const SessionState& state) {
  if (IsLost(state)) return ExitStatus::kNo;
  const ExitStatus exit_status = ExitStatusOf(state.result.exit_code);
  // Who waits again at 124 would do so for ever.
  return exit_status == ExitStatus::kNotFinished ? ExitStatus::kNo
                                                 : exit_status;
}

std::string FormatEnd(const SessionId& id, const SessionState& state) {
  const std::string line =
      absl::StrCat(id.text(), " ", SessionStatusName(state.result.status), " ",
                   state.result.exit_code);
  return state.result.summary.empty()
             ? line
             : absl::StrCat(line, " ", EscapeForDisplay(state.result.summary));
}

// Says how one of several ended. Returns the exit status that it leads to.
ExitStatus TellOfEnd(const SessionStore& store, const SessionId& id,
                     const absl::StatusOr<SessionState>& state, bool quiet) {
  const absl::StatusOr<SessionDirectory> session = store.OpenVisible(id);
  if (!state.ok() || !session.ok()) {
    const absl::Status& fault = state.ok() ? session.status() : state.status();
    PrintNotice(absl::StrCat("csa-wait: ", fault.message()));
    return ExitStatus::kFailed;
  }
  if (Format() == OutputFormat::kJson) {
    PrintResult(FormatStateJson(*session, *state));
  } else if (!quiet) {
    PrintResult(FormatEnd(id, *state));
  }
  // As it ends; RunTool hears of it when that fails again.
  static_cast<void>(FlushResult());
  if (IsLost(*state)) PrintNotice(DescribeLost(*session));
  return ExitStatusOfEnd(*state);
}

// Says that one of several has not ended.
void TellOfTimeout(const SessionStore& store, const SessionId& id,
                   absl::Duration timeout) {
  const absl::StatusOr<SessionDirectory> session = store.OpenVisible(id);
  if (Format() == OutputFormat::kJson && session.ok()) {
    PrintResult(FormatStateJson(
        *session, {.kind = SessionState::Kind::kRunning, .result = {}}));
  } else {
    PrintNotice(FormatTimeoutDirective(id, timeout));
  }
}

}  // namespace

absl::StatusOr<ExitStatus> Wait(const SessionDirectory& session,
                                absl::Duration timeout, OutputExtent extent) {
  CSA_ASSIGN_OR_RETURN(const SessionState state,
                       AwaitEnd(session, MonotonicNow() + timeout));
  const bool json = Format() == OutputFormat::kJson;
  if (json) PrintResult(FormatStateJson(session, state));
  if (IsLost(state)) {
    PrintNotice(DescribeLost(session));
    return ExitStatus::kNo;
  }
  if (state.kind == SessionState::Kind::kRunning) {
    PrintNotice(FormatTimeoutDirective(session.id(), timeout));
    return ExitStatus::kNotFinished;
  }
  if (!json) CSA_RETURN_IF_ERROR(PrintOutput(session, extent));
  PrintNotice(FormatCompletedDirective(session.id(), state.result));
  return ExitStatusOfEnd(state);
}

absl::StatusOr<std::vector<SessionId>> FindEach(
    const SessionStore& store, absl::Span<const std::string> references) {
  const std::vector<SessionId> callers = CallersSessions(store);
  std::set<SessionId> known;
  std::vector<SessionId> sessions;
  for (const std::string& reference : references) {
    CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
    CSA_RETURN_IF_ERROR(CheckNotWithin(callers, session));
    if (known.insert(session.id()).second) {
      sessions.push_back(session.id());
    }
  }
  return sessions;
}

absl::StatusOr<ExitStatus> WaitForSeveral(const SessionStore& store,
                                          absl::Span<const SessionId> sessions,
                                          absl::Duration timeout, bool any,
                                          bool quiet) {
  std::vector<std::optional<ExitStatus>> ends(sessions.size());
  const auto tell = [&](size_t i, const absl::StatusOr<SessionState>& state) {
    ends[i] = TellOfEnd(store, sessions[i], state, quiet);
    return !any;
  };
  CSA_RETURN_IF_ERROR(
      AwaitEnds(store, sessions, MonotonicNow() + timeout, tell));
  size_t unfinished = 0;
  std::optional<ExitStatus> first;
  for (const std::optional<ExitStatus>& end : ends) {
    if (!end.has_value()) {
      ++unfinished;
    } else if (first.value_or(ExitStatus::kSuccess) == ExitStatus::kSuccess) {
      first = end;
    }
  }
  if (first.has_value() && (any || unfinished == 0)) return *first;
  for (size_t i = 0; i < sessions.size(); ++i) {
    if (!ends[i].has_value()) TellOfTimeout(store, sessions[i], timeout);
  }
  return ExitStatus::kNotFinished;
}

}  // namespace csa
