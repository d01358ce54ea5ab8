// The lines by which the tools speak to programs among the talk on stderr.

#ifndef CSA_COMMON_CLI_DIRECTIVE_H_
#define CSA_COMMON_CLI_DIRECTIVE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace csa {

// "<!-- CSA:NAME key=value … -->", without a newline. A value that is more than
// letters, digits and "_-.:" stands in quotes; in each, `\`, `"`, `>`, control
// characters and bytes that are no UTF-8 stand as \xNN, so that it is one line
// and ends where it seems to.
std::string FormatDirective(
    absl::string_view name,
    const std::vector<std::pair<absl::string_view, std::string>>& values);

}  // namespace csa

#endif  // CSA_COMMON_CLI_DIRECTIVE_H_
