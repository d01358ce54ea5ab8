// What csa-review does in the session that it has started.

#ifndef CSA_TOOLS_REVIEW_WORK_H_
#define CSA_TOOLS_REVIEW_WORK_H_

#include "absl/status/statusor.h"
#include "common/cli/exit_status.h"

namespace csa {

// Has the reviewers work, prints the review, and writes it as JSON to
// output/verdict.json in the session's directory. The prompt is read from
// standard input, the rest from the command line that SpawnArguments made.
// kSuccess for clean, kNo for findings, else kUndecided.
absl::StatusOr<ExitStatus> Conduct();

}  // namespace csa

#endif  // CSA_TOOLS_REVIEW_WORK_H_
