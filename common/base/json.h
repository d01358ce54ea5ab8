// JSON as all tools write it, and as they read what somebody else wrote.

#ifndef CSA_COMMON_BASE_JSON_H_
#define CSA_COMMON_BASE_JSON_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace csa {

// `json` on one line, without a newline. Bytes that are no UTF-8 are replaced
// by U+FFFD.
std::string FormatJson(const nlohmann::ordered_json& json);

// What is not known, or empty, is null.
nlohmann::ordered_json OrNull(const std::string& text);

template <typename T>
nlohmann::ordered_json OrNull(const std::optional<T>& value) {
  return value.has_value() ? nlohmann::ordered_json(*value) : nullptr;
}

// The JSON document `text`. InvalidArgument where it is none, or says a thing
// twice: has a key twice in one object.
absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text);

// The text that `object` has for `key`. InvalidArgument where it has none.
absl::StatusOr<std::string> TextAt(const nlohmann::json& object,
                                   const char* key);

}  // namespace csa

#endif  // CSA_COMMON_BASE_JSON_H_
