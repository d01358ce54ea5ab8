// What can be known of a session now.

#ifndef CSA_COMMON_SESSION_SESSION_STATE_H_
#define CSA_COMMON_SESSION_SESSION_STATE_H_

#include <sys/types.h>

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/session/session_directory.h"
#include "common/session/session_result.h"

namespace csa {

struct SessionState {
  enum class Kind {
    kFinished,  // it has a result
    kRunning,   // its supervisor is alive
    kLost,      // its supervisor died without a result
  };
  Kind kind;
  SessionResult result;  // for kFinished
  // For kRunning: the process to wait for and to signal, which is the
  // supervisor. 0 or less: it lives in another pid namespace or on another
  // host.
  pid_t supervisor = 0;
};

// "finished", "running" or "lost".
absl::string_view SessionStateName(SessionState::Kind kind);

// Who sees to `session` now, whether or not it has a result: the holder of its
// lock; of a session of the older csa, the process that it names. Nothing when
// that is dead. 0 or less as above.
absl::StatusOr<std::optional<pid_t>> ReadSupervisor(
    const SessionDirectory& session);

// The state of `session`: a pure function of its directory, which is not
// changed; of a session of the older csa, also of the process that it names.
// DataLoss when there is a result that does not parse; NotFound when the
// directory has been removed.
absl::StatusOr<SessionState> ReadState(const SessionDirectory& session);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_STATE_H_
