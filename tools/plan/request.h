// What is to be run: the command line of csa plan run.

#ifndef CSA_TOOLS_PLAN_REQUEST_H_
#define CSA_TOOLS_PLAN_REQUEST_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/agent/configuration.h"
#include "common/cli/exit_status.h"
#include "common/cli/launch_options.h"
#include "common/cli/tool.h"
#include "common/session/session_store.h"
#include "common/workflow/variables.h"
#include "tools/plan/event.h"
#include "tools/plan/library.h"

namespace csa {

struct PlanRequest {
  WorkflowFile file;
  Variables variables;
  std::string resumes;  // the id of the plan that it goes on with, or ""
  // The tool among them is for the steps that are for any agent.
  LaunchOptions options;
};

// The plan that the command line asks for, with the file, the pattern, or what
// the plan that is gone on with had. Everything that can be known to be wrong
// is, before anything is started: a tool that is not known or not installed, a
// variable that the workflow does not have, a plan that still runs, a workflow
// that has changed since. `operands` are those behind "run".
absl::StatusOr<PlanRequest> ResolvePlan(const Operands& operands,
                                        const Configuration& configuration);

// Starts the session in which csa-plan runs the plan, and prints its id; within
// a session it stays attached until that has ended, and is part of it.
absl::StatusOr<ExitStatus> StartPlan(const PlanRequest& request);

// The request, as csa-plan finds it in that session: what StartPlan gave it,
// and the workflow on standard input.
absl::StatusOr<PlanRequest> ReadRequest();

// FailedPrecondition where another plan has gone on with `plan`: what that has
// done, `plan` does not know.
absl::Status CheckNotResumed(const SessionDirectory& plan,
                             const SessionStore& store);

// The journal of the plan in the session `id`. FailedPrecondition where that is
// no plan.
absl::StatusOr<Journal> ReadJournal(const SessionStore& store,
                                    const std::string& id);

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_REQUEST_H_
