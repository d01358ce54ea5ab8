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

  // What to poll for: new output, and room for what is to be copied.
  std::array<pollfd, 3> Polled() const {
    const int changes = watch_.ok() ? watch_->fd() : -1;
    return {{{.fd = changes, .events = POLLIN, .revents = 0},
             {.fd = output_.target(), .events = POLLOUT, .revents = 0},
             {.fd = error_.target(), .events = POLLOUT, .revents = 0}}};
  }

  // When to look for new output, where nothing tells of it.
  absl::Time next_look() const {
    return watch_.ok() ? absl::InfiniteFuture()
                       : MonotonicNow() + kLookInterval;
  }

  // Copies where there is room. `polled` is Polled(), polled until next_look().
  absl::Status Copy(absl::Span<const pollfd> polled) {
    if (polled[0].revents != 0) watch_->Drain();
    if (polled[0].revents != 0) Changed();
    if (polled[1].revents != 0) CSA_RETURN_IF_ERROR(output_.CopyPart());
    if (polled[2].revents != 0) CSA_RETURN_IF_ERROR(error_.CopyPart());
    return absl::OkStatus();
  }

  void Changed() {
    output_.Changed();
    error_.Changed();
  }

  // Whether there may be something that has not been copied.
  bool behind() const { return output_.target() >= 0 || error_.target() >= 0; }

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

// What happened.
struct Event {
  bool signal = false;
  bool end = false;  // of the supervisor
};

// Blocks until there is a signal, the supervisor has ended (`end_fd`), or
// something could be copied. `streams` is nothing where no output is wanted.
absl::StatusOr<Event> NextEvent(std::optional<Streams>& streams,
                                const SignalFd& signals, int end_fd) {
  std::vector<pollfd> polled = {
      {.fd = signals.fd(), .events = POLLIN, .revents = 0},
      {.fd = end_fd, .events = POLLIN, .revents = 0}};
  absl::Time deadline = absl::InfiniteFuture();
  if (streams.has_value()) {
    for (const pollfd& one : streams->Polled()) polled.push_back(one);
    deadline = streams->next_look();
  }
  CSA_ASSIGN_OR_RETURN(const bool any,
                       PollUntil(absl::MakeSpan(polled), deadline));
  if (streams.has_value()) {
    if (!any) streams->Changed();
    CSA_RETURN_IF_ERROR(streams->Copy(absl::MakeSpan(polled).subspan(2)));
  }
  return Event{.signal = polled[0].revents != 0, .end = polled[1].revents != 0};
}

// How following came to its end.
enum class Followed { kToTheEnd, kUntilSignal };

// Copies until the session is no longer running and all is copied, or there is
// a signal.
absl::StatusOr<Followed> Follow(const SessionDirectory& session,
                                std::optional<Streams>& streams,
                                const SignalFd& signals) {
  while (true) {
    CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
    if (state.kind != SessionState::Kind::kRunning) break;
    CSA_ASSIGN_OR_RETURN(const std::optional<EndWatch> end,
                         EndWatch::Open(session, state.supervisor));
    Event event = {.end = !end.has_value()};
    while (!event.end) {
      CSA_ASSIGN_OR_RETURN(event, NextEvent(streams, signals, end->fd()));
      if (event.signal) return Followed::kUntilSignal;
    }
    if (end.has_value()) CSA_RETURN_IF_ERROR(end->CheckEnded(session));
  }
  if (streams.has_value()) streams->Changed();
  while (streams.has_value() && streams->behind()) {
    CSA_ASSIGN_OR_RETURN(const Event event, NextEvent(streams, signals, -1));
    if (event.signal) return Followed::kUntilSignal;
  }
  return Followed::kToTheEnd;
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
      for (const ProcessStat& process : ending.alive) {
        PrintNotice(absl::StrCat("csa-attach: ", DescribeAlive(process)));
      }
      return ExitStatus::kNo;
    }
    // The rest of the output; who does not read it may signal once more.
    while (signals.Next().has_value()) {
    }
    followed = Follow(session, streams, signals);
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
