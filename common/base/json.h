// JSON as all tools write it.

#ifndef CSA_COMMON_BASE_JSON_H_
#define CSA_COMMON_BASE_JSON_H_

#include <optional>
#include <string>

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

}  // namespace csa

#endif  // CSA_COMMON_BASE_JSON_H_
