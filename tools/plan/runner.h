// Going through the steps of a plan.

#ifndef CSA_TOOLS_PLAN_RUNNER_H_
#define CSA_TOOLS_PLAN_RUNNER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cli/exit_status.h"
#include "common/session/session_directory.h"
#include "common/session/session_result.h"
#include "common/session/session_store.h"
#include "common/workflow/workflow.h"
#include "tools/plan/event.h"
#include "tools/plan/step_input.h"

namespace csa {

// One attempt at a step.
struct Attempt {
  bool is_script = false;  // for bash; else a prompt for an agent
  std::string tool;        // the agent's name; kAnyAgentTool or "" for any
  std::string session;     // the id that its session is to have
  std::string description;
  std::optional<absl::Duration> timeout;
  StepInput input;
};

// Runs an attempt in a session below the plan's, and blocks until that has
// ended. An error, with an exit status, where there is no session, or it cannot
// be waited for.
using AttemptRunner =
    absl::FunctionRef<absl::StatusOr<SessionResult>(const Attempt&)>;

// Is told of everything that happens, before anything that follows from it. The
// plan stops at an error.
using EventObserver = absl::FunctionRef<absl::Status(const Event&)>;

// A plan that is to be run, or to go on.
struct Plan {
  Workflow workflow;
  Variables variables;
  // Of the plan that it goes on with; none where it is new.
  Journal journal;
};

// FailedPrecondition where a step that `journal` has as started is running: a
// plan that was lost has left it behind.
absl::Status CheckNothingRuns(const Journal& journal,
                              const SessionStore& store);

// Runs the steps of `plan`, except for those that its journal has as done. The
// sessions of these are read again from `store`; a step that was running is
// taken as it ended, unless it was ended with the plan. The exit status is that
// of the first step that failed, kUndecided where a step is for a person, or
// kSuccess. An error where what the journal names cannot be read, or `observe`
// gives one.
absl::StatusOr<ExitStatus> RunPlan(const Plan& plan, const SessionStore& store,
                                   AttemptRunner run, EventObserver observe);

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_RUNNER_H_
