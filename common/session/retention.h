// Which finished sessions are kept, and which are to be removed.

#ifndef CSA_COMMON_SESSION_RETENTION_H_
#define CSA_COMMON_SESSION_RETENTION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/session/session_id.h"

namespace csa {

// What is kept. A limit that is not there bounds nothing.
struct RetentionLimits {
  std::optional<absl::Duration> max_age;  // since the session was over
  std::optional<int64_t> max_count;       // of finished sessions
  std::optional<int64_t> max_bytes;       // of all sessions together
};

// What retention looks at in a session.
struct StoredSession {
  SessionId id;
  std::optional<absl::Time> completed_at;  // nothing unless it has finished
  bool removable = false;  // it has finished, and nobody is in it any more
  int64_t bytes = 0;       // the disk space that it takes
};

// Which of `sessions`, all that there are from the oldest to the newest, are to
// be removed, in the same order: those that are removable and that one of the
// limits, taken by itself, does not let stay. By number and by size the newest
// stay. What is not removable counts all the same.
std::vector<SessionId> ChooseForRemoval(
    const std::vector<StoredSession>& sessions, const RetentionLimits& limits,
    absl::Time now);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_RETENTION_H_
