// What a reviewer says of a change: docs/review-verdict.schema.json.

#ifndef CSA_TOOLS_REVIEW_VERDICT_H_
#define CSA_TOOLS_REVIEW_VERDICT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace csa {

enum class Verdict {
  kClean,      // the whole change was read, and nothing found
  kFindings,   // there is at least one finding
  kUncertain,  // anything else
};

// "clean", "findings", "uncertain".
absl::string_view VerdictName(Verdict verdict);

// The words for how bad a finding is, the worst first.
inline constexpr std::array<absl::string_view, 4> kSeverities = {
    "critical", "high", "medium", "low"};

struct Finding {
  std::string severity;  // one of kSeverities
  std::string file;
  std::optional<int64_t> line;  // counted from 1
  std::string title;
  std::string detail;

  friend bool operator==(const Finding&, const Finding&) = default;
};

// One reviewer's verdict.
struct Opinion {
  Verdict verdict = Verdict::kUncertain;
  std::vector<Finding> findings;
  std::string reason;  // why it is uncertain; empty where it is not

  friend bool operator==(const Opinion&, const Opinion&) = default;
};

// The opinion of a reviewer that has written `file` as its verdict, if it did,
// and `answer` to its stdout, as StatedJson (common/agent/answer.h) finds it.
// What is missing, does not keep to the schema or contradicts itself is
// uncertain, and says why.
Opinion OpinionOf(const std::optional<std::string>& file,
                  absl::string_view answer);

}  // namespace csa

#endif  // CSA_TOOLS_REVIEW_VERDICT_H_
