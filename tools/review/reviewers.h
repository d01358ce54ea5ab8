// Who reviews.

#ifndef CSA_TOOLS_REVIEW_REVIEWERS_H_
#define CSA_TOOLS_REVIEW_REVIEWERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/agent/configuration.h"

namespace csa {

// The most reviewers of one change.
inline constexpr int kMaxReviewers = 9;

// `count` reviewers of other families than `callers_family` ("" for a caller
// that is no agent), of as many families as there are, in the order of
// preference. An error with exit status 127 where there is none.
absl::StatusOr<std::vector<TierTool>> ChooseReviewers(
    const Configuration& configuration, const std::string& callers_family,
    int count);

// Those that are named, as "TOOL" or "TOOL:MODEL", of whatever family: `notes`
// says of which of them it is the caller's. Errors as those of
// FindNamedAgent.
absl::StatusOr<std::vector<TierTool>> NamedReviewers(
    const Configuration& configuration, const std::string& callers_family,
    const std::vector<std::string>& names, std::vector<std::string>& notes);

}  // namespace csa

#endif  // CSA_TOOLS_REVIEW_REVIEWERS_H_
