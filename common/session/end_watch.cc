#include "common/session/end_watch.h"

#include <fcntl.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/poll.h"
#include "common/os/process.h"

namespace csa {

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

absl::StatusOr<SessionState> AwaitEnd(const SessionDirectory& session,
                                      absl::Time deadline) {
  while (true) {
    CSA_ASSIGN_OR_RETURN(SessionState state, ReadState(session));
    if (state.kind != SessionState::Kind::kRunning) return state;
    CSA_ASSIGN_OR_RETURN(const std::optional<EndWatch> watch,
                         EndWatch::Open(session, state.supervisor));
    if (!watch.has_value()) continue;
    CSA_ASSIGN_OR_RETURN(const bool ended,
                         AwaitReadable(watch->fd(), deadline));
    if (!ended) return state;
    CSA_RETURN_IF_ERROR(watch->CheckEnded(session));
  }
}

}  // namespace csa
