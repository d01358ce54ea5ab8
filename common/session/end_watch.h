// Waiting for the end of a session, without looking again and again.

#ifndef CSA_COMMON_SESSION_END_WATCH_H_
#define CSA_COMMON_SESSION_END_WATCH_H_

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/os/pid_fd.h"
#include "common/session/session_directory.h"
#include "common/session/session_id.h"
#include "common/session/session_state.h"
#include "common/session/session_store.h"

namespace csa {

// A pidfd of the supervisor of `session`, which ReadState named as
// `supervisor` (1 or more), proven to be it: its lock is looked at again when
// the pidfd is open. Nothing when it has ended meanwhile.
absl::StatusOr<std::optional<PidFd>> HoldSupervisor(
    const SessionDirectory& session, pid_t supervisor);

// A descriptor that becomes readable when the supervisor of a session ends.
class EndWatch {
 public:
  // `supervisor` is what ReadState gave. Where its pid is not visible, a child
  // of the caller waits for its lock. Nothing when it has ended meanwhile.
  static absl::StatusOr<std::optional<EndWatch>> Open(
      const SessionDirectory& session, pid_t supervisor);

  EndWatch(EndWatch&& other) noexcept
      : process_(std::move(other.process_)),
        worker_(std::exchange(other.worker_, 0)) {}
  EndWatch& operator=(EndWatch&&) = delete;

  // Ends the child, if there is one.
  ~EndWatch();

  int fd() const { return process_.fd(); }

  // To be called once fd() is readable: Unavailable when `session` has a
  // supervisor all the same, because the child could not wait for its lock.
  absl::Status CheckEnded(const SessionDirectory& session) const;

 private:
  EndWatch(PidFd process, pid_t worker)
      : process_(std::move(process)), worker_(worker) {}

  PidFd process_;  // the supervisor, or the worker
  pid_t worker_;   // 0 when there is none
};

// Is told of a session that no longer runs: its place among those that are
// waited for, and its state, or why that cannot be read. Returns whether to go
// on.
using EndObserver =
    absl::FunctionRef<bool(size_t, const absl::StatusOr<SessionState>&)>;

// Blocks until none of `sessions` in `store` is running, `deadline`
// (MonotonicNow()) has come, or `ended` returns false. Tells it of each session
// once: in their order of those that do not run now, then of each as it ends.
// Takes one descriptor for each that is running. ResourceExhausted, before
// anything is waited for, where there are not that many.
absl::Status AwaitEnds(const SessionStore& store,
                       absl::Span<const SessionId> sessions,
                       absl::Time deadline, EndObserver ended);

// Blocks until `session` is no longer running, or `deadline` has come. Returns
// its state then.
absl::StatusOr<SessionState> AwaitEnd(const SessionDirectory& session,
                                      absl::Time deadline);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_END_WATCH_H_
