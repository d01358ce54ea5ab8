// csa-gc: clears away what sessions have left behind: those that did not end as
// they should, and those that have finished and are not to be kept.
//
// Exit status: 0 all is clear, 1 something is still alive, 125 something could
// not be cleared.

#include <cstdint>
#include <optional>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/duration.h"
#include "common/cli/output.h"
#include "common/cli/size.h"
#include "common/cli/tool.h"
#include "common/session/garbage.h"
#include "common/session/session_store.h"
#include "tools/gc/report.h"

ABSL_FLAG(bool, dry_run, false, "print what would be done, and change nothing");
ABSL_FLAG(std::optional<int64_t>, keep, std::nullopt,
          "N|remove all finished sessions but the newest N");
ABSL_FLAG(csa::TimeoutOption, older, {},
          "DURATION|remove sessions that finished longer ago than DURATION");
ABSL_FLAG(csa::SizeOption, size, {},
          "BYTES|remove the oldest finished sessions until all sessions take "
          "no more than BYTES");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-gc",
    .synopsis = "",
    .summary =
        "Ends what is left of lost sessions, and removes leftovers and "
        "old sessions.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (!operands.empty()) return UsageError("there are no operands");
  const Clearance clearance = {
      .limits = {.max_age = absl::GetFlag(FLAGS_older).value,
                 .max_count = absl::GetFlag(FLAGS_keep),
                 .max_bytes = absl::GetFlag(FLAGS_size).value},
      .dry_run = absl::GetFlag(FLAGS_dry_run)};
  if (clearance.limits.max_count.value_or(0) < 0) {
    return UsageError("--keep takes a number of sessions");
  }
  if (clearance.dry_run) PrintNotice("A dry run: nothing is changed.");
  const absl::StatusOr<SessionStore> store = SessionStore::Open();
  if (absl::IsNotFound(store.status())) return ExitStatus::kSuccess;
  if (!store.ok()) return store.status();
  int failures = 0;
  ExitStatus exit_status = ExitStatus::kSuccess;
  CSA_RETURN_IF_ERROR(CollectGarbage(
      *store, clearance,
      [&](const SessionId& id, const absl::StatusOr<Clearing>& clearing) {
        const ExitStatus its = PrintClearing(id, clearing, clearance.dry_run);
        if (its == ExitStatus::kFailed) ++failures;
        if (its == ExitStatus::kNo) exit_status = its;
      }));
  if (failures == 0) return exit_status;
  return absl::FailedPreconditionError(
      absl::StrCat("sessions that could not be cleared: ", failures));
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
