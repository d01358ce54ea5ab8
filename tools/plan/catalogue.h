// Looking at workflows before they run.

#ifndef CSA_TOOLS_PLAN_CATALOGUE_H_
#define CSA_TOOLS_PLAN_CATALOGUE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/cli/exit_status.h"
#include "tools/plan/request.h"

namespace csa {

// Each prints the result as --format says.

// Draws the workflow in the file `name`, or the pattern of that name.
absl::StatusOr<ExitStatus> Show(const std::string& name);

// The patterns that can be run by name; kNo where one of them cannot be read.
absl::StatusOr<ExitStatus> List();

// What a plan would run, and with which variables.
absl::StatusOr<ExitStatus> ShowPlan(const PlanRequest& request);

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_CATALOGUE_H_
