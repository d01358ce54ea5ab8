// What is to be reviewed, by whom: the command line of csa-review.

#ifndef CSA_TOOLS_REVIEW_REQUEST_H_
#define CSA_TOOLS_REVIEW_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/agent/configuration.h"
#include "common/cli/launch_options.h"
#include "common/cli/tool.h"
#include "tools/review/change.h"
#include "tools/review/report.h"

namespace csa {

// How the session prints the review.
enum class ReviewFormat { kText, kJson, kSarif };
bool AbslParseFlag(absl::string_view text, ReviewFormat* format,
                   std::string* error);
std::string AbslUnparseFlag(ReviewFormat format);

struct Request {
  Review review;  // nobody has said anything yet
  ReviewFormat format = ReviewFormat::kText;
  std::string prompt;
  std::vector<std::string> notes;  // what the caller is to be told, a line each
};

// The request of whoever calls csa-review: runs git, and looks for reviewers on
// PATH. Nothing has been started when it fails.
absl::StatusOr<Request> ResolveRequest(const Configuration& configuration,
                                       const Operands& files);

// The arguments of csa-spawn, its path first, for the session in which
// csa-review works on `request`.
absl::StatusOr<std::vector<std::string>> SpawnArguments(
    const Request& request, const LaunchOptions& options);

// The request as csa-review is told it in that session; without the prompt.
absl::StatusOr<Request> ConductedRequest();

}  // namespace csa

#endif  // CSA_TOOLS_REVIEW_REQUEST_H_
