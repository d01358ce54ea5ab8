#include "common/cli/pair.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/cli/tool.h"

namespace csa {

absl::StatusOr<std::pair<std::string, std::string>> ParsePair(
    absl::string_view option, const std::string& text) {
  std::pair<std::string, std::string> pair =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (pair.first.empty() || !absl::StrContains(text, '=')) {
    return UsageError(
        absl::StrCat(option, " takes K=V, not '", absl::CHexEscape(text), "'"));
  }
  return pair;
}

}  // namespace csa
