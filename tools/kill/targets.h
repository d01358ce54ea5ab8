// Which sessions csa-kill is to end.

#ifndef CSA_TOOLS_KILL_TARGETS_H_
#define CSA_TOOLS_KILL_TARGETS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/cli/tool.h"
#include "common/session/session_directory.h"
#include "common/session/session_store.h"

namespace csa {

struct Targets {
  std::vector<SessionDirectory> sessions;  // each once
  std::vector<absl::Status> not_found;     // why others are none
  std::vector<SessionId> spared;           // the caller runs in them
};

// The sessions that the command line means: those that it names, or all that
// match its --all, --label, --project and --tree and have not ended. These are
// running, or lost without anybody having seen to it; those that the caller
// runs in are spared. A usage error when it means none, or says both.
absl::StatusOr<Targets> FindTargets(const Operands& operands);

}  // namespace csa

#endif  // CSA_TOOLS_KILL_TARGETS_H_
