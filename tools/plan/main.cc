// csa-plan: runs workflows.
//
// Exit status: 0 it runs; of the session: 0, that of the first step that
// failed, 3 a step is for a person to do. 125 wrong usage, or no workflow; 127
// an agent is not installed.

#include <string>

#include "absl/flags/flag.h"
#include "common/agent/agent_tool.h"
#include "common/agent/configuration_files.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "tools/plan/catalogue.h"
#include "tools/plan/request.h"
#include "tools/plan/work.h"

ABSL_FLAG(bool, dry_run, false, "show what would be run, and run nothing");
// What csa-plan says to itself, in the session.
ABSL_FLAG(bool, conduct, false, "");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-plan",
    .synopsis = "run FILE | run --pattern NAME | show FILE | show NAME | list",
    .summary = "Runs a workflow as a session, and prints its id.",
    .draws = true,
};

absl::StatusOr<ExitStatus> Start(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const Configuration configuration,
                       LoadConfiguration(BuiltinTools(), "."));
  CSA_ASSIGN_OR_RETURN(const PlanRequest request,
                       ResolvePlan(operands, configuration));
  return absl::GetFlag(FLAGS_dry_run) ? ShowPlan(request) : StartPlan(request);
}

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  const std::string command = operands.empty() ? "" : operands[0];
  if (absl::GetFlag(FLAGS_conduct)) return Conduct();
  if (command != "show" && IsDrawing(Format())) {
    return UsageError("--format dot and mermaid are for show");
  }
  if (command == "run") {
    return Start({operands.begin() + 1, operands.end()});
  }
  if (command == "show" && operands.size() == 2) return Show(operands[1]);
  if (command == "list" && operands.size() == 1) return List();
  return UsageError("give run FILE, run --pattern NAME, show FILE or list");
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
