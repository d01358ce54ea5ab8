// From what several reviewers say to one verdict.

#ifndef CSA_TOOLS_REVIEW_CONSENSUS_H_
#define CSA_TOOLS_REVIEW_CONSENSUS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tools/review/verdict.h"

namespace csa {

// When reviewers agree. Whatever they do not agree on is uncertain.
enum class Consensus {
  kMajority,   // more than half say the same
  kUnanimous,  // all say the same
  kAny,        // one has findings; clean only where all say so
};
bool AbslParseFlag(absl::string_view text, Consensus* consensus,
                   std::string* error);
std::string AbslUnparseFlag(Consensus consensus);

// The verdict of all.
Verdict Agree(Consensus consensus, absl::Span<const Opinion> opinions);

// A finding, and the places of those among the opinions that state it.
struct SharedFinding {
  Finding finding;
  std::vector<size_t> stated_by;
};

// The findings of all, the worst first. Those that say the same of the same
// place are one.
std::vector<SharedFinding> Gather(absl::Span<const Opinion> opinions);

}  // namespace csa

#endif  // CSA_TOOLS_REVIEW_CONSENSUS_H_
