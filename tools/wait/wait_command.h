// What csa-wait's command line asks for.

#ifndef CSA_TOOLS_WAIT_WAIT_COMMAND_H_
#define CSA_TOOLS_WAIT_WAIT_COMMAND_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cli/exit_status.h"
#include "common/cli/tool.h"

namespace csa {

// Waits at most `limit` for the sessions that `operands` and the options name,
// as Wait or WaitForSeveral. A UsageError where none is named.
absl::StatusOr<ExitStatus> WaitAsAsked(const Operands& operands,
                                       absl::Duration limit);

}  // namespace csa

#endif  // CSA_TOOLS_WAIT_WAIT_COMMAND_H_
