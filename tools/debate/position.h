// Where a debate stands: docs/debate-verdict.schema.json.

#ifndef CSA_TOOLS_DEBATE_POSITION_H_
#define CSA_TOOLS_DEBATE_POSITION_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// The words for how sure a decision is.
inline constexpr std::array<absl::string_view, 3> kConfidences = {
    "high", "medium", "low"};

struct Position {
  bool agreement = false;
  std::string decision;    // empty without agreement, and only then
  std::string confidence;  // one of kConfidences
  std::vector<std::string> key_points;
  std::vector<std::string> open_questions;

  friend bool operator==(const Position&, const Position&) = default;
};

// The position of a critic that has written `file` as its verdict, if it did,
// and `answer` to its stdout, as StatedJson (common/agent/answer.h) finds it.
// InvalidArgument where there is none, it does not keep to the schema, or
// contradicts itself.
absl::StatusOr<Position> PositionOf(const std::optional<std::string>& file,
                                    absl::string_view answer);

}  // namespace csa

#endif  // CSA_TOOLS_DEBATE_POSITION_H_
