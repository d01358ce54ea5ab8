// The work of a plan, in its session.

#ifndef CSA_TOOLS_PLAN_WORK_H_
#define CSA_TOOLS_PLAN_WORK_H_

#include "absl/status/statusor.h"
#include "common/cli/exit_status.h"

namespace csa {

// Runs the plan that StartPlan has started this session for: ReadRequest tells
// which. Blocks until it has ended. The exit status is that of RunPlan.
absl::StatusOr<ExitStatus> Conduct();

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_WORK_H_
