// csa-gc: clears away what sessions have left behind that did not end as they
// should.
//
// Exit status: 0 all is clear, 1 something is still alive, 125 something could
// not be cleared.

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "common/session/garbage.h"
#include "common/session/session_report.h"
#include "common/session/session_store.h"
#include "tools/gc/report.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-gc",
    .synopsis = "",
    .summary = "Ends what is left of lost sessions, and removes leftovers.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (!operands.empty()) return UsageError("there are no operands");
  const absl::StatusOr<SessionStore> store = SessionStore::Open();
  if (absl::IsNotFound(store.status())) return ExitStatus::kSuccess;
  if (!store.ok()) return store.status();
  int failures = 0;
  ExitStatus exit_status = ExitStatus::kSuccess;
  const auto report = [&](const SessionId& id,
                          const absl::StatusOr<Clearing>& clearing) {
    if (!clearing.ok()) {
      ++failures;
      PrintNotice(absl::StrCat(id.text(), ": ", clearing.status().message()));
      return;
    }
    PrintResult(Format() == OutputFormat::kJson
                    ? FormatClearingJson(id, *clearing)
                    : FormatClearing(id, *clearing));
    for (const ProcessStat& process : clearing->alive) {
      exit_status = ExitStatus::kNo;
      PrintNotice(DescribeAlive(process));
    }
  };
  CSA_RETURN_IF_ERROR(CollectGarbage(*store, kLeastAge, report));
  if (failures == 0) return exit_status;
  return absl::FailedPreconditionError(
      absl::StrCat("sessions that could not be cleared: ", failures));
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
