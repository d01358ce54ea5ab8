#include "common/session/end_watch.h"

#include <fcntl.h>
#include <poll.h>

#include <csignal>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/poll.h"
#include "common/os/process.h"

namespace csa {
namespace {

// The state of `session`; opens `watch` if it is running.
absl::StatusOr<SessionState> Watch(const SessionDirectory& session,
                                   std::optional<EndWatch>& watch) {
  while (true) {
    CSA_ASSIGN_OR_RETURN(SessionState state, ReadState(session));
    if (state.kind != SessionState::Kind::kRunning) return state;
    CSA_ASSIGN_OR_RETURN(std::optional<EndWatch> opened,
                         EndWatch::Open(session, state.supervisor));
    if (!opened.has_value()) continue;
    watch.emplace(*std::move(opened));
    return state;
  }
}

}  // namespace

absl::StatusOr<std::optional<PidFd>> HoldSupervisor(
    const SessionDirectory& session, pid_t supervisor) {
  absl::StatusOr<PidFd> process = PidFd::Open(supervisor);
  if (absl::IsNotFound(process.status())) return std::nullopt;
  if (!process.ok()) return process.status();
  CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> now, ReadSupervisor(session));
  if (now != supervisor) return std::nullopt;
  return *std::move(process);
}

absl::StatusOr<std::optional<EndWatch>> EndWatch::Open(
    const SessionDirectory& session, pid_t supervisor) {
  if (supervisor > 0) {
    CSA_ASSIGN_OR_RETURN(std::optional<PidFd> process,
                         HoldSupervisor(session, supervisor));
    if (!process.has_value()) return std::nullopt;
    return EndWatch(*std::move(process), 0);
  }
  CSA_ASSIGN_OR_RETURN(const pid_t worker, ForkWorker([&] {
                         const absl::StatusOr<UniqueFd> lock =
                             OpenRegularAt(session.fd(), kLockFile);
                         if (lock.ok())
                           static_cast<void>(AwaitUnlocked(lock->get()));
                       }));
  // The caller has not reaped it, so the pid still means the worker.
  CSA_ASSIGN_OR_RETURN(PidFd process, PidFd::Open(worker));
  return EndWatch(std::move(process), worker);
}

EndWatch::~EndWatch() {
  if (worker_ == 0) return;
  static_cast<void>(process_.Signal(SIGKILL));
  static_cast<void>(Reap(worker_));
}

absl::Status EndWatch::CheckEnded(const SessionDirectory& session) const {
  if (worker_ == 0) return absl::OkStatus();
  CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                       session.Supervisor());
  if (!supervisor.has_value()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "the lock on ", session.PathOf(kLockFile), " cannot be waited for from ",
      "here: wait where session ", session.id().text(), " runs"));
}

absl::Status AwaitEnds(absl::Span<const SessionDirectory> sessions,
                       absl::Time deadline, EndObserver ended) {
  std::vector<std::optional<EndWatch>> watches(sessions.size());
  std::vector<pollfd> polled(sessions.size(),
                             {.fd = -1, .events = POLLIN, .revents = 0});
  size_t running = 0;
  for (size_t i = 0; i < sessions.size(); ++i) {
    const absl::StatusOr<SessionState> state = Watch(sessions[i], watches[i]);
    if (watches[i].has_value()) {
      polled[i].fd = watches[i]->fd();
      ++running;
    } else if (!ended(i, state)) {
      return absl::OkStatus();
    }
  }
  while (running > 0) {
    CSA_ASSIGN_OR_RETURN(const bool any,
                         PollUntil(absl::MakeSpan(polled), deadline));
    if (!any) break;
    for (size_t i = 0; i < sessions.size(); ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      const absl::Status over = watches[i]->CheckEnded(sessions[i]);
      watches[i].reset();
      const absl::StatusOr<SessionState> state =
          over.ok() ? Watch(sessions[i], watches[i]) : over;
      polled[i].fd = watches[i].has_value() ? watches[i]->fd() : -1;
      if (watches[i].has_value()) continue;
      --running;
      if (!ended(i, state)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<SessionState> AwaitEnd(const SessionDirectory& session,
                                      absl::Time deadline) {
  std::optional<absl::StatusOr<SessionState>> end;
  CSA_RETURN_IF_ERROR(
      AwaitEnds(absl::MakeSpan(&session, 1), deadline,
                [&](size_t, const absl::StatusOr<SessionState>& state) {
                  end = state;
                  return false;
                }));
  return end.has_value() ? *std::move(end) : ReadState(session);
}

}  // namespace csa
