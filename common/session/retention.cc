#include "common/session/retention.h"

namespace csa {

std::vector<SessionId> ChooseForRemoval(
    const std::vector<StoredSession>& sessions, const RetentionLimits& limits,
    absl::Time now) {
  int64_t newer = 0;  // finished sessions that are newer than the one in turn
  int64_t bytes = 0;  // what stays, by size alone
  for (const StoredSession& session : sessions) {
    newer += session.completed_at.has_value() ? 1 : 0;
    bytes += session.bytes;
  }
  std::vector<SessionId> chosen;
  for (const StoredSession& session : sessions) {
    if (!session.completed_at.has_value()) continue;
    --newer;
    if (!session.removable) continue;
    const bool too_old = limits.max_age.has_value() &&
                         now - *session.completed_at > *limits.max_age;
    const bool too_many =
        limits.max_count.has_value() && newer >= *limits.max_count;
    const bool too_large =
        limits.max_bytes.has_value() && bytes > *limits.max_bytes;
    if (too_large) bytes -= session.bytes;
    if (too_old || too_many || too_large) chosen.push_back(session.id);
  }
  return chosen;
}

}  // namespace csa
