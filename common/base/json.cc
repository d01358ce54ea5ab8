#include "common/base/json.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace csa {

using Json = nlohmann::ordered_json;

std::string FormatJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json OrNull(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  bool says_twice = false;
  const auto look = [&](int, Event event, nlohmann::json& value) {
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key &&
        !keys.back().insert(value.get<std::string>()).second) {
      says_twice = true;
    }
    return true;
  };
  nlohmann::json json =
      nlohmann::json::parse(text.begin(), text.end(), look, false);
  if (json.is_discarded()) return absl::InvalidArgumentError("it is no JSON");
  if (!says_twice) return json;
  return absl::InvalidArgumentError(
      "it contradicts itself: a key stands twice");
}

absl::StatusOr<std::string> TextAt(const nlohmann::json& object,
                                   const char* key) {
  const auto text = object.find(key);
  if (text != object.end() && text->is_string()) {
    return text->get<std::string>();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", key, "' is missing, or no text"));
}

}  // namespace csa
