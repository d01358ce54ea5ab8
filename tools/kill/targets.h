// Which sessions csa-kill is to end.

#ifndef CSA_TOOLS_KILL_TARGETS_H_
#define CSA_TOOLS_KILL_TARGETS_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/cli/tool.h"
#include "common/session/ending.h"
#include "common/session/session_id.h"
#include "common/session/session_store.h"

namespace csa {

struct Targets {
  std::vector<SessionId> sessions;   // each once
  bool named = false;                // each by the user, not by a rule
  std::vector<absl::Status> faults;  // why it is not known of others
  std::vector<SessionId> spared;     // the caller runs in them
};

// The sessions that the command line means: those that it names, or all that
// match its --all, --label, --project and --tree and have not ended: somebody
// holds the lock, or there is no result. Those that the caller runs in are
// spared. Where there is no store (NotFound), nothing matches. A usage error
// when it means none, or says both.
absl::StatusOr<Targets> FindTargets(const absl::StatusOr<SessionStore>& store,
                                    const Operands& operands);

// Ends `targets`, as many at the same time as there are descriptors for, and
// tells `ended` of each, as EndSessions does: NotFound of one that was named
// and has gone meanwhile, removed or because its start has failed. Where one is
// lost, then also those that were started from it, at whatever depth: no
// supervisor ends them with it. A session among these that the caller runs in
// goes on: FailedPrecondition.
void EndTargets(
    const SessionStore& store, const Targets& targets,
    absl::FunctionRef<void(const SessionId&, const absl::StatusOr<Ending>&)>
        ended);

}  // namespace csa

#endif  // CSA_TOOLS_KILL_TARGETS_H_
