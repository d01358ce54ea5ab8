// Options whose values are pairs: --label K=V.

#ifndef CSA_COMMON_CLI_PAIR_H_
#define CSA_COMMON_CLI_PAIR_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// "K=V" as K, which is not empty, and V. A usage error that names `option` when
// it is none.
absl::StatusOr<std::pair<std::string, std::string>> ParsePair(
    absl::string_view option, const std::string& text);

}  // namespace csa

#endif  // CSA_COMMON_CLI_PAIR_H_
