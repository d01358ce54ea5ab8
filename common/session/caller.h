// The sessions that the calling process runs in.

#ifndef CSA_COMMON_SESSION_CALLER_H_
#define CSA_COMMON_SESSION_CALLER_H_

#include <sys/types.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/session/session_directory.h"
#include "common/session/session_id.h"
#include "common/session/session_store.h"

namespace csa {

// The session `id`, and those that it was started from, at whatever depth, as
// far as their records are in `store`; the innermost first.
std::vector<SessionId> LineageOf(const SessionStore& store,
                                 const SessionId& id);

// The lineage of the session that the caller runs in; empty in none.
std::vector<SessionId> CallersSessions(const SessionStore& store);

// Whether the caller descends from the process `supervisor`, whatever its
// environment says: it would be ended with the session of that one.
bool RunsBelow(pid_t supervisor);

// The depth of the session that the caller runs in, from its environment; 0 in
// none. InvalidArgument when what stands there is no depth.
absl::StatusOr<int> CallersDepth();

// FailedPrecondition when `session` is among `callers`, CallersSessions: it
// cannot end while the caller waits for it.
absl::Status CheckNotWithin(const std::vector<SessionId>& callers,
                            const SessionDirectory& session);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_CALLER_H_
