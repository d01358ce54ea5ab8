// csa-kill: ends sessions, and everything that they started.
//
// Exit status: 0 ended (or had ended), 1 something is still alive, 125 no such
// session, or out of reach.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "common/session/ending.h"
#include "tools/kill/report.h"
#include "tools/kill/targets.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-kill",
    .synopsis = "[--session] ID...",
    .summary = "Ends sessions, and everything that they started.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  const absl::StatusOr<SessionStore> store = SessionStore::Open();
  CSA_ASSIGN_OR_RETURN(const Targets targets, FindTargets(store, operands));
  ExitStatus exit_status = ExitStatus::kSuccess;
  const auto fail = [&](const absl::Status& status) {
    PrintNotice(absl::StrCat(kTool.name, ": ", status.message()));
    exit_status = ExitStatus::kFailed;
  };
  for (const absl::Status& fault : targets.faults) fail(fault);
  for (const SessionId& id : targets.spared) PrintNotice(DescribeSpared(id));
  if (targets.sessions.empty()) return exit_status;
  EndTargets(*store, targets,
             [&](const SessionId& id, const absl::StatusOr<Ending>& ending) {
               if (!ending.ok()) return fail(ending.status());
               PrintEnding(id, *ending);
               if (ending->outcome == Ending::Outcome::kStillAlive &&
                   exit_status == ExitStatus::kSuccess) {
                 exit_status = ExitStatus::kNo;
               }
             });
  return exit_status;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
