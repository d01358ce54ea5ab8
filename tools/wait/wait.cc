#include "tools/wait/wait.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/directive.h"
#include "common/cli/output.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/last_lines.h"
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
  if (absl::IsNotFound(log.status())) return absl::OkStatus();
  if (!log.ok()) return log.status();
  if (extent.last_lines.has_value()) {
    CSA_RETURN_IF_ERROR(SeekToLastLines(log->get(), *extent.last_lines));
  }
  const absl::Status copied = CopyToResult(log->get());
  return absl::IsAborted(copied) ? absl::OkStatus() : copied;
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
  const ExitStatus exit_status = ExitStatusOf(state.result.exit_code);
  // Who waits again at 124 would do so for ever.
  return exit_status == ExitStatus::kNotFinished ? ExitStatus::kNo
                                                 : exit_status;
}

}  // namespace csa
