#include "tools/attach/attach.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/os/clock.h"
#include "common/os/file_watch.h"
#include "common/os/poll.h"
#include "common/os/signal_fd.h"
#include "common/session/end_watch.h"
#include "common/session/ending.h"
#include "common/session/session_report.h"
#include "common/session/session_state.h"
#include "tools/attach/log_follower.h"

namespace csa {
namespace {

// How often the logs are looked at where nothing tells of a change.
constexpr absl::Duration kLookInterval = absl::Milliseconds(100);

// Both streams of a session, and what tells of new output.
class Streams {
 public:
  static absl::StatusOr<Streams> Open(const SessionDirectory& session) {
    CSA_ASSIGN_OR_RETURN(
        LogFollower output,
        LogFollower::Open(session.fd(), kStdoutFile, STDOUT_FILENO));
    CSA_ASSIGN_OR_RETURN(
        LogFollower error,
        LogFollower::Open(session.fd(), kStderrFile, STDERR_FILENO));
    absl::StatusOr<FileWatch> watch =
        FileWatch::Open({output.fd(), error.fd()});
    if (!watch.ok()) {
      PrintNotice(absl::StrCat("csa-attach: ", watch.status().message(),
                               "; looking for output every ",
                               absl::FormatDuration(kLookInterval)));
    }
    return Streams(std::move(output), std::move(error), std::move(watch));
  }

  absl::Status CopyNew() {
    if (watch_.ok()) watch_->Drain();
    CSA_RETURN_IF_ERROR(output_.CopyNew());
    return error_.CopyNew();
  }

  // -1, which poll(2) passes over, where there is no watch.
  int fd() const { return watch_.ok() ? watch_->fd() : -1; }

  absl::Time next_look() const {
    return watch_.ok() ? absl::InfiniteFuture()
                       : MonotonicNow() + kLookInterval;
  }

 private:
  Streams(LogFollower output, LogFollower error,
          absl::StatusOr<FileWatch> watch)
      : output_(std::move(output)),
        error_(std::move(error)),
        watch_(std::move(watch)) {}

  LogFollower output_;
  LogFollower error_;
  absl::StatusOr<FileWatch> watch_;
};

absl::StatusOr<SignalFd> CatchSignals(OnSignal on_signal) {
  const std::vector<int> signals = WithoutIgnored(
      on_signal == OnSignal::kEnd ? std::vector<int>{SIGINT, SIGTERM, SIGHUP}
                                  : std::vector<int>{SIGINT});
  BlockSignals(signals);
  return SignalFd::Open(signals);
}

// How following came to its end.
enum class Followed { kToTheEnd, kUntilSignal };

// Copies until the session is no longer running or there is a signal.
// `streams` is nothing where the output is not wanted.
absl::StatusOr<Followed> Follow(const SessionDirectory& session,
                                std::optional<Streams>& streams,
                                const SignalFd& signals) {
  while (true) {
    CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
    if (state.kind != SessionState::Kind::kRunning) return Followed::kToTheEnd;
    CSA_ASSIGN_OR_RETURN(const std::optional<EndWatch> end,
                         EndWatch::Open(session, state.supervisor));
    if (!end.has_value()) continue;
    while (true) {
      if (streams.has_value()) CSA_RETURN_IF_ERROR(streams->CopyNew());
      std::array<pollfd, 3> descriptors = {{
          {.fd = end->fd(), .events = POLLIN, .revents = 0},
          {.fd = signals.fd(), .events = POLLIN, .revents = 0},
          {.fd = streams.has_value() ? streams->fd() : -1,
           .events = POLLIN,
           .revents = 0},
      }};
      const absl::Time next_look =
          streams.has_value() ? streams->next_look() : absl::InfiniteFuture();
      CSA_RETURN_IF_ERROR(
          PollUntil(absl::MakeSpan(descriptors), next_look).status());
      if (descriptors[1].revents != 0) return Followed::kUntilSignal;
      if (descriptors[0].revents != 0) break;
    }
  }
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
  std::optional<Streams> streams;
  if (Format() == OutputFormat::kText) {
    absl::StatusOr<Streams> opened = Streams::Open(session);
    // A session that was lost at its very start may have no logs.
    if (!opened.ok() && !absl::IsNotFound(opened.status())) {
      return opened.status();
    }
    if (opened.ok()) streams = *std::move(opened);
  }
  absl::StatusOr<Followed> followed = Follow(session, streams, signals);
  if (followed.ok() && *followed == Followed::kUntilSignal) {
    if (on_signal == OnSignal::kDetach) {
      PrintNotice(absl::StrCat("csa-attach: detached; session ",
                               session.id().text(), " goes on"));
      return ExitStatusOf(static_cast<int>(ExitStatus::kSignalBase) + SIGINT);
    }
    CSA_ASSIGN_OR_RETURN(const Ending ending, EndSession(session));
    if (ending.outcome == Ending::Outcome::kStillAlive) {
      PrintNotice(absl::StrCat("csa-attach: not all of session ",
                               session.id().text(), " could be ended"));
    }
  }
  if (followed.ok() && streams.has_value()) {
    const absl::Status copied = streams->CopyNew();
    if (!copied.ok()) followed = copied;
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
