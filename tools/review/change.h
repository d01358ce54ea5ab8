// The change that is reviewed, as git tells of it.

#ifndef CSA_TOOLS_REVIEW_CHANGE_H_
#define CSA_TOOLS_REVIEW_CHANGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// What is shown of a change at most, in bytes: what a model can read at once.
inline constexpr size_t kMaxChangeBytes = size_t{400} * 1024;

struct Change {
  std::string what;  // for people: "the uncommitted changes"
  std::string text;  // a diff, or whole files; its lines are whole
  bool cut = false;  // there is more than kMaxChangeBytes
};

// Each of these runs git in the working directory, with nothing that the
// repository could have it execute (external diffs, textconv, fsmonitor), and
// blocks until it has ended. What git complains of goes to the caller's stderr.
// FailedPrecondition where it fails, or there is nothing to review.

// What differs from the last commit, files that git does not know among it but
// those that it ignores.
absl::StatusOr<Change> UncommittedChange();

// One commit, with its message. InvalidArgument when `revision` begins with a
// dash, as below.
absl::StatusOr<Change> CommittedChange(const std::string& revision);

// What git diff has for a range: "A...B", "A..B".
absl::StatusOr<Change> RangeOfChanges(const std::string& range);

// What the branch has since it left `base`; where that is empty, the branch
// that origin/HEAD, main or master is.
absl::StatusOr<Change> BranchChange(const std::string& base);

// These files, whole. Without git.
absl::StatusOr<Change> WholeFiles(const std::vector<std::string>& paths);

}  // namespace csa

#endif  // CSA_TOOLS_REVIEW_CHANGE_H_
