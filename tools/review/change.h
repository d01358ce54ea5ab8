// The change that is reviewed, as git tells of it.

#ifndef CSA_TOOLS_REVIEW_CHANGE_H_
#define CSA_TOOLS_REVIEW_CHANGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// What is taken of a change at most, in bytes: what a model can read at once.
inline constexpr size_t kMaxChangeBytes = size_t{400} * 1024;

struct Change {
  std::string what;  // for people: "the uncommitted changes"
  std::string text;  // a diff, or whole files: UTF-8 that ends with a newline
  // Not all of it is in the text: it is longer than kMaxChangeBytes, or there
  // are files that cannot be shown.
  bool cut = false;
};

// Each of these runs git in the working directory, and blocks until it has
// ended. Nothing that the repository has, its .git/config included, makes git
// execute something: no external diffs, textconv, hooks, filters, fsmonitor or
// transports. Nothing in its files hides a part of the change: no attributes,
// no settings of submodules. What git complains of goes to the caller's stderr.
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
