// csa-logs: prints what a session has written, and follows it.
//
// Exit status: 0, however the session ended; 125 no such session.

#include <string>

#include "absl/flags/flag.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/cli/duration.h"
#include "common/cli/lines_option.h"
#include "common/cli/session_option.h"
#include "common/cli/tool.h"
#include "common/session/caller.h"
#include "common/session/session_store.h"
#include "tools/logs/logs.h"

ABSL_FLAG(bool, both, false, "print stdout and stderr, not only stdout");
ABSL_FLAG(bool, follow, false, "-f go on until the session has ended");
ABSL_FLAG(csa::TimeoutOption, since, {},
          "DURATION|leave out what was last written to longer ago");
ABSL_FLAG(bool, stderr, false, "print stderr, not stdout");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-logs",
    .synopsis = "[--session] ID",
    .summary = "Prints what a session has written, and follows it.",
};

absl::StatusOr<LogsOptions> GetLogsOptions() {
  const bool both = absl::GetFlag(FLAGS_both);
  if (both && absl::GetFlag(FLAGS_stderr)) {
    return UsageError("--both prints --stderr as well: give one of them");
  }
  const TimeoutOption since = absl::GetFlag(FLAGS_since);
  CSA_ASSIGN_OR_RETURN(const std::optional<int64_t> last_lines, LastLines());
  return LogsOptions{
      .streams = both                          ? Streams::kBoth
                 : absl::GetFlag(FLAGS_stderr) ? Streams::kStderr
                                               : Streams::kStdout,
      .follow = absl::GetFlag(FLAGS_follow),
      .last_lines = last_lines,
      .since = absl::Now() - since.value.value_or(absl::InfiniteDuration())};
}

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const std::string reference, SessionReference(operands));
  CSA_ASSIGN_OR_RETURN(const LogsOptions options, GetLogsOptions());
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
  if (options.follow)
    CSA_RETURN_IF_ERROR(CheckNotWithin(CallersSessions(store), session));
  const absl::Status printed = PrintLogs(session, options);
  // Who has seen enough goes away.
  if (!printed.ok() && !absl::IsAborted(printed)) return printed;
  return ExitStatus::kSuccess;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
