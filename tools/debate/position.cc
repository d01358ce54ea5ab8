#include "tools/debate/position.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/agent/answer.h"
#include "common/base/json.h"
#include "common/base/status_macros.h"

namespace csa {
namespace {

using Json = nlohmann::json;

absl::StatusOr<std::vector<std::string>> TextsAt(const Json& object,
                                                 const char* key) {
  const auto list = object.find(key);
  const bool has_texts =
      list != object.end() && list->is_array() &&
      std::all_of(list->begin(), list->end(),
                  [](const Json& element) { return element.is_string(); });
  if (has_texts) return list->get<std::vector<std::string>>();
  return absl::InvalidArgumentError(
      absl::StrCat("'", key, "' is missing, or no list of texts"));
}

absl::StatusOr<Position> StatedIn(const Json& json) {
  if (!json.is_object()) {
    return absl::InvalidArgumentError("it is no JSON object");
  }
  Position position;
  const auto agreement = json.find("agreement");
  if (agreement == json.end() || !agreement->is_boolean()) {
    return absl::InvalidArgumentError(
        "'agreement' is missing, or neither true nor false");
  }
  position.agreement = agreement->get<bool>();
  CSA_ASSIGN_OR_RETURN(position.decision, TextAt(json, "decision"));
  CSA_ASSIGN_OR_RETURN(position.confidence, TextAt(json, "confidence"));
  CSA_ASSIGN_OR_RETURN(position.key_points, TextsAt(json, "key_points"));
  CSA_ASSIGN_OR_RETURN(position.open_questions,
                       TextsAt(json, "open_questions"));
  if (std::find(kConfidences.begin(), kConfidences.end(),
                position.confidence) == kConfidences.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'confidence' is none of ", absl::StrJoin(kConfidences, ", ")));
  }
  const bool decided = !absl::StripAsciiWhitespace(position.decision).empty();
  if (position.agreement == decided) return position;
  return absl::InvalidArgumentError(
      decided ? "there is a decision without agreement"
              : "there is agreement, and no decision");
}

}  // namespace

absl::StatusOr<Position> PositionOf(const std::optional<std::string>& file,
                                    absl::string_view answer) {
  CSA_ASSIGN_OR_RETURN(const Json json, StatedJson(file, answer, "agreement"));
  return StatedIn(json);
}

}  // namespace csa
