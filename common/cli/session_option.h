// The session that a tool is to work on: --session ID, or the operand.

#ifndef CSA_COMMON_CLI_SESSION_OPTION_H_
#define CSA_COMMON_CLI_SESSION_OPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/cli/tool.h"

namespace csa {

// What the caller named it by. A usage error when none or several are named.
absl::StatusOr<std::string> SessionReference(const Operands& operands);

}  // namespace csa

#endif  // CSA_COMMON_CLI_SESSION_OPTION_H_
