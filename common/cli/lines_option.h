// --tail N: how much of a session's output is printed.

#ifndef CSA_COMMON_CLI_LINES_OPTION_H_
#define CSA_COMMON_CLI_LINES_OPTION_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"

namespace csa {

// The number of lines that --tail gave, 0 or more; nothing where it was not
// given. A usage error when it is negative.
absl::StatusOr<std::optional<int64_t>> LastLines();

}  // namespace csa

#endif  // CSA_COMMON_CLI_LINES_OPTION_H_
