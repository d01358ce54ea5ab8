#include "tools/attach/attach.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "common/session/ending.h"
#include "common/session/log_follower.h"
#include "common/session/output_follower.h"
#include "common/session/session_report.h"
#include "common/session/session_state.h"

namespace csa {
namespace {

using Outcome = OutputFollower::Outcome;

// What follows both streams of `session`; neither where no output is wanted.
absl::StatusOr<OutputFollower> OpenFollower(const SessionDirectory& session) {
  std::vector<LogFollower> logs;
  for (const auto& [name, to] : {std::pair{kStdoutFile, STDOUT_FILENO},
                                 std::pair{kStderrFile, STDERR_FILENO}}) {
    if (Format() == OutputFormat::kJson) break;
    CSA_ASSIGN_OR_RETURN(std::optional<UniqueFd> log, session.OpenLog(name));
    if (!log.has_value()) continue;
    logs.emplace_back(*std::move(log), to, [to = to](absl::string_view bytes) {
      return WriteAll(to, bytes);
    });
  }
  OutputFollower follower(std::move(logs));
  if (!follower.caveat().empty()) {
    PrintNotice(absl::StrCat("csa-attach: ", follower.caveat()));
  }
  return follower;
}

absl::StatusOr<SignalFd> CatchSignals(OnSignal on_signal) {
  const std::vector<int> signals = WithoutIgnored(
      on_signal == OnSignal::kEnd ? std::vector<int>{SIGINT, SIGTERM, SIGHUP}
                                  : std::vector<int>{SIGINT});
  BlockSignals(signals);
  return SignalFd::Open(signals);
}

// The terminals among the streams that are written to, the end of which is to
// be that of the session.
std::vector<int> OwnTerminals(OnSignal on_signal) {
  std::vector<int> terminals;
  // As nohup(1) has it, who ignores SIGHUP outlives them.
  if (on_signal != OnSignal::kEnd || WithoutIgnored({SIGHUP}).empty()) {
    return terminals;
  }
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    if (IsTerminal(stream)) terminals.push_back(stream);
  }
  return terminals;
}

absl::StatusOr<ExitStatus> Conclude(const SessionDirectory& session) {
  CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
  if (Format() == OutputFormat::kJson) {
    PrintResult(FormatStateJson(session, state));
  }
  if (IsLost(state)) {
    PrintNotice(DescribeLost(session));
    return ExitStatus::kNo;
  }
  if (state.kind == SessionState::Kind::kRunning) {
    return ExitStatus::kNotFinished;
  }
  return ExitStatusOf(state.result.exit_code);
}

}  // namespace

absl::StatusOr<ExitStatus> Attach(const SessionDirectory& session,
                                  OnSignal on_signal) {
  CSA_ASSIGN_OR_RETURN(const SignalFd signals, CatchSignals(on_signal));
  CSA_ASSIGN_OR_RETURN(OutputFollower follower, OpenFollower(session));
  const std::vector<int> terminals = OwnTerminals(on_signal);
  absl::StatusOr<Outcome> followed = follower.Follow(session, signals.fd());
  // A terminal that hangs up is gone before its SIGHUP has come.
  const bool has_hung_up =
      absl::IsAborted(followed.status()) &&
      std::any_of(terminals.begin(), terminals.end(), HasHungUp);
  if (has_hung_up || (followed.ok() && *followed == Outcome::kInterrupted)) {
    if (on_signal == OnSignal::kDetach) {
      PrintNotice(absl::StrCat("csa-attach: detached; session ",
                               session.id().text(), " goes on"));
      return ExitStatusOf(static_cast<int>(ExitStatus::kSignalBase) + SIGINT);
    }
    CSA_ASSIGN_OR_RETURN(const Ending ending, EndSession(session));
    if (ending.outcome == Ending::Outcome::kStillAlive) {
      for (const ProcessStat& process : ending.alive) {
        PrintNotice(absl::StrCat("csa-attach: ", DescribeAlive(process)));
      }
      return ExitStatus::kNo;
    }
    // The rest of the output; who does not read it may signal once more.
    while (signals.Next().has_value()) {
    }
    followed = follower.Follow(session, signals.fd());
    // It has ended, though nobody may be left to read that.
    if (absl::IsAborted(followed.status())) return Conclude(session);
  }
  if (absl::IsAborted(followed.status())) {
    PrintNotice(absl::StrCat("csa-attach: nobody is left to read; session ",
                             session.id().text(), " may go on"));
    return ExitStatus::kNotFinished;
  }
  if (!followed.ok()) return followed.status();
  return Conclude(session);
}

}  // namespace csa
