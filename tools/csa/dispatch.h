// Becoming the program of a command.

#ifndef CSA_TOOLS_CSA_DISPATCH_H_
#define CSA_TOOLS_CSA_DISPATCH_H_

#include "absl/status/status.h"
#include "tools/csa/commands.h"

namespace csa {

// Executes the program of `invocation`, from beside the caller's executable,
// else from PATH. Returns only an error: InvalidArgument for a command that
// there is no program of, NotFound for one of ours that is not installed.
absl::Status Dispatch(const Invocation& invocation);

}  // namespace csa

#endif  // CSA_TOOLS_CSA_DISPATCH_H_
