// The sessions that a tool is to work on: --session ID, or the operands.

#ifndef CSA_COMMON_CLI_SESSION_OPTION_H_
#define CSA_COMMON_CLI_SESSION_OPTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cli/tool.h"

namespace csa {

// What the caller named them by, in the order given; those of --session come
// first.
std::vector<std::string> SessionReferences(const Operands& operands);

// The same where there must be one. A usage error when none or several are
// named.
absl::StatusOr<std::string> SessionReference(const Operands& operands);

}  // namespace csa

#endif  // CSA_COMMON_CLI_SESSION_OPTION_H_
