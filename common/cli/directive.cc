#include "common/cli/directive.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/utf8.h"

namespace csa {
namespace {

// Whether a value that has `c` may stand without quotes.
bool IsBare(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("_-.:", absl::string_view(&c, 1));
}

}  // namespace

std::string FormatDirective(
    absl::string_view name,
    const std::vector<std::pair<absl::string_view, std::string>>& values) {
  std::string line = absl::StrCat("<!-- CSA:", name);
  for (const auto& [key, value] : values) {
    const std::string escaped = EscapeForDisplay(value, "\\\">");
    const bool quoted =
        escaped.empty() || !std::all_of(escaped.begin(), escaped.end(), IsBare);
    absl::StrAppend(&line, " ", key, "=", quoted ? "\"" : "", escaped,
                    quoted ? "\"" : "");
  }
  absl::StrAppend(&line, " -->");
  return line;
}

}  // namespace csa
