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

absl::StatusOr<SessionState> Watch(const SessionStore& store,
                                   const SessionId& id,
                                   std::optional<EndWatch>& watch) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.OpenVisible(id));
  return Watch(session, watch);
}

// The same when `watch` has become readable.
absl::StatusOr<SessionState> Continue(const SessionStore& store,
                                      const SessionId& id,
                                      std::optional<EndWatch>& watch) {
  const absl::StatusOr<SessionDirectory> session = store.OpenVisible(id);
  const absl::Status over =
      session.ok() ? watch->CheckEnded(*session) : session.status();
  watch.reset();
  CSA_RETURN_IF_ERROR(over);
  return Watch(*session, watch);
}

absl::Status TooMany(size_t count, const absl::Status& status) {
  return {status.code(),
          absl::StrCat("not all of ", count, " sessions can be waited for at ",
                       "once: ", status.message(), "; wait for fewer, or ",
                       "raise the limit: ulimit -n")};
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

absl::Status AwaitEnds(const SessionStore& store,
                       absl::Span<const SessionId> sessions,
                       absl::Time deadline, EndObserver ended) {
  std::vector<std::optional<EndWatch>> watches(sessions.size());
  std::vector<pollfd> polled(sessions.size(),
                             {.fd = -1, .events = POLLIN, .revents = 0});
  size_t running = 0;
  for (size_t i = 0; i < sessions.size(); ++i) {
    const absl::StatusOr<SessionState> state =
        Watch(store, sessions[i], watches[i]);
    if (absl::IsResourceExhausted(state.status())) {
      return TooMany(sessions.size(), state.status());
    }
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
      const absl::StatusOr<SessionState> state =
          Continue(store, sessions[i], watches[i]);
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
  while (true) {
    std::optional<EndWatch> watch;
    CSA_ASSIGN_OR_RETURN(SessionState state, Watch(session, watch));
    if (!watch.has_value()) return state;
    CSA_ASSIGN_OR_RETURN(const bool ended,
                         AwaitReadable(watch->fd(), deadline));
    if (!ended) return state;
    CSA_RETURN_IF_ERROR(watch->CheckEnded(session));
  }
}

}  // namespace csa
