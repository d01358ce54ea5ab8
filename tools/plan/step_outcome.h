// What a step leaves: the variables that its session gives the plan.

#ifndef CSA_TOOLS_PLAN_STEP_OUTCOME_H_
#define CSA_TOOLS_PLAN_STEP_OUTCOME_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/session/session_directory.h"
#include "common/workflow/workflow.h"
#include "tools/plan/step_input.h"

namespace csa {

// The longest output that is kept in a variable: what a prompt can have.
inline constexpr size_t kMaxOutputBytes = size_t{10} << 20;

// Sets STEP_<id>_SESSION and _EXIT from `session`, in which `step` ran and
// ended with `exit_code`; _OUTPUT, its stdout without the newlines at its end
// and the lines that set variables, if `mentioned` has that; and for a script
// what its lines "CSA_VAR:NAME=value" say of those in `mentioned`. Adds a line
// to `notices` for each of these lines that is not obeyed. Reads the log in
// parts. DataLoss where there is none.
absl::Status ReadOutcome(const Step& step, const SessionDirectory& session,
                         int exit_code, const std::set<std::string>& mentioned,
                         PlanVariables& variables,
                         std::vector<std::string>& notices);

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_STEP_OUTCOME_H_
