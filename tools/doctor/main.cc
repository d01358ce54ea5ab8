// csa-doctor: says whether csa finds here what it needs.
//
// Exit status: 0 it does, perhaps with warnings; 1 something is missing; 125
// the usage was wrong.

#include <vector>

#include "common/agent/agent_tool.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "tools/doctor/agent_checks.h"
#include "tools/doctor/finding.h"
#include "tools/doctor/store_checks.h"
#include "tools/doctor/system_checks.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-doctor",
    .synopsis = "",
    .summary = "Says whether csa finds here what it needs, and what to do.",
};

std::vector<Finding> CheckBuiltinAgents() {
  return CheckAgents(BuiltinTools());
}

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (!operands.empty()) return UsageError("there are no operands");
  ExitStatus exit_status = ExitStatus::kSuccess;
  for (const auto check : {CheckSystem, CheckStore, CheckBuiltinAgents}) {
    // Agents may take their time: what is known is said before.
    static_cast<void>(FlushResult());
    for (const Finding& finding : check()) {
      PrintResult(Format() == OutputFormat::kJson ? FormatFindingJson(finding)
                                                  : FormatFinding(finding));
      if (finding.result == Finding::Result::kError) {
        exit_status = ExitStatus::kNo;
      }
    }
  }
  return exit_status;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
