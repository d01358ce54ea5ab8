// A review as it is shown.

#ifndef CSA_TOOLS_REVIEW_REPORT_H_
#define CSA_TOOLS_REVIEW_REPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/agent/configuration.h"
#include "tools/review/consensus.h"
#include "tools/review/verdict.h"

namespace csa {

// One of those who review, and what came of it.
struct Reviewer {
  TierTool agent;
  std::string session;  // the id; empty where none could be started
  Opinion opinion;
};

struct Review {
  std::string what;  // of Change
  bool cut = false;  // likewise
  Consensus consensus = Consensus::kMajority;
  std::vector<Reviewer> reviewers;
};

// The verdict of a review. Of a change that was cut, none is clean.
Verdict VerdictOf(const Review& review);

// For people, and for those who read JSON: one object on one line, with the
// keys of docs/json.md. And SARIF 2.1.0 (OASIS), for what shows findings beside
// the code. None ends with a newline.
std::string FormatReviewText(const Review& review);
std::string FormatReviewJson(const Review& review);
std::string FormatReviewSarif(const Review& review);

}  // namespace csa

#endif  // CSA_TOOLS_REVIEW_REPORT_H_
