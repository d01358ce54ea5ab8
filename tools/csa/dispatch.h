// Becoming the program of a command.

#ifndef CSA_TOOLS_CSA_DISPATCH_H_
#define CSA_TOOLS_CSA_DISPATCH_H_

#include "absl/status/status.h"
#include "tools/csa/commands.h"

namespace csa {

// Executes the program of `invocation`, from beside the caller's executable,
// else from PATH; or man(1), where its manual page is asked for and installed
// with the caller's executable. Returns only an error: InvalidArgument for a
// command that there is no program of, NotFound for one of ours that is not
// installed.
absl::Status Dispatch(const Invocation& invocation);

}  // namespace csa

#endif  // CSA_TOOLS_CSA_DISPATCH_H_
