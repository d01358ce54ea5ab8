// Reading TOML that anybody may have written.
//
// toml++ 3.3 asserts that a table header has a name, and that what stands
// outside of texts is ASCII: what breaks that is undefined behaviour. So it is
// refused here before toml++ sees it. Nothing else calls toml::parse.

#ifndef CSA_COMMON_BASE_TOML_H_
#define CSA_COMMON_BASE_TOML_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "toml++/toml.h"

namespace csa {

// The document `toml`. InvalidArgument, "line N: what is wrong", when it is
// none.
absl::StatusOr<toml::table> ParseToml(absl::string_view toml);

}  // namespace csa

#endif  // CSA_COMMON_BASE_TOML_H_
