#include "tools/wait/wait.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/directive.h"
#include "common/cli/output.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/last_lines.h"
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
  const absl::StatusOr<UniqueFd> log = OpenRegularAt(session.fd(), kStdoutFile);
  // There may be none; but what was there must not be passed over.
  if (absl::IsNotFound(log.status())) return session.CheckNotRemoved();
  if (!log.ok()) return log.status();
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
             : absl::StrCat(line, " ", state.result.summary);
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

absl::StatusOr<std::vector<SessionDirectory>> FindEach(
    const SessionStore& store, absl::Span<const std::string> references) {
  std::set<SessionId> known;
  std::vector<SessionDirectory> sessions;
  for (const std::string& reference : references) {
    CSA_ASSIGN_OR_RETURN(SessionDirectory session, store.Find(reference));
    CSA_RETURN_IF_ERROR(CheckNotWithin(store, session));
    if (known.insert(session.id()).second) {
      sessions.push_back(std::move(session));
    }
  }
  return sessions;
}

absl::StatusOr<ExitStatus> WaitForSeveral(
    absl::Span<const SessionDirectory> sessions, absl::Duration timeout,
    bool any, bool quiet) {
  const bool json = Format() == OutputFormat::kJson;
  std::vector<std::optional<ExitStatus>> ends(sessions.size());
  const auto tell = [&](size_t i, const absl::StatusOr<SessionState>& state) {
    if (!state.ok()) {
      PrintNotice(absl::StrCat("csa-wait: ", state.status().message()));
      ends[i] = ExitStatus::kFailed;
      return !any;
    }
    if (!quiet) {
      PrintResult(json ? FormatStateJson(sessions[i], *state)
                       : FormatEnd(sessions[i].id(), *state));
      // As it ends; RunTool hears of it when that fails again.
      static_cast<void>(FlushResult());
    }
    if (IsLost(*state)) PrintNotice(DescribeLost(sessions[i]));
    ends[i] = ExitStatusOfEnd(*state);
    return !any;
  };
  CSA_RETURN_IF_ERROR(AwaitEnds(sessions, MonotonicNow() + timeout, tell));
  size_t unfinished = 0;
  std::optional<ExitStatus> first_end;
  for (const std::optional<ExitStatus>& end : ends) {
    if (!end.has_value()) ++unfinished;
    if (first_end.value_or(ExitStatus::kSuccess) == ExitStatus::kSuccess &&
        end.has_value()) {
      first_end = end;
    }
  }
  if (first_end.has_value() && (any || unfinished == 0)) return *first_end;
  for (size_t i = 0; i < sessions.size(); ++i) {
    if (ends[i].has_value()) continue;
    if (json) {
      PrintResult(FormatStateJson(
          sessions[i], {.kind = SessionState::Kind::kRunning, .result = {}}));
    } else {
      PrintNotice(FormatTimeoutDirective(sessions[i].id(), timeout));
    }
  }
  return ExitStatus::kNotFinished;
}

}  // namespace csa
