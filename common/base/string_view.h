// The bridge between absl::string_view and std::string_view.
//
// Debian builds Abseil with a string_view of its own, which converts neither
// from nor to the standard one that RE2 and toml++ take.

#ifndef CSA_COMMON_BASE_STRING_VIEW_H_
#define CSA_COMMON_BASE_STRING_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace csa {

// The same bytes; the caller keeps them alive.
constexpr std::string_view ToStd(absl::string_view text) {
  return {text.data(), text.size()};
}
constexpr absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace csa

#endif  // CSA_COMMON_BASE_STRING_VIEW_H_
