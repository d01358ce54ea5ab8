// What csa-debate does in the session that it has started.

#ifndef CSA_TOOLS_DEBATE_WORK_H_
#define CSA_TOOLS_DEBATE_WORK_H_

#include "absl/status/statusor.h"
#include "common/agent/configuration.h"
#include "common/cli/exit_status.h"

namespace csa {

// Has the two agents debate the question on standard input, a nested session
// for each turn, until they agree or the rounds are over; prints the outcome.
// output/transcript.md in the session's directory grows with each turn;
// output/verdict.json is the outcome as JSON. kSuccess where it is decided,
// else kUndecided.
absl::StatusOr<ExitStatus> Conduct(const Configuration& configuration);

}  // namespace csa

#endif  // CSA_TOOLS_DEBATE_WORK_H_
