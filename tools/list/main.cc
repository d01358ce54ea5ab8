// csa-list: lists sessions, the newest first.
//
// Exit status: 0, also when there is none; 125 the usage was wrong.

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "common/session/selection.h"
#include "common/session/session_store.h"
#include "tools/list/list_options.h"
#include "tools/list/table.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-list",
    .synopsis = "",
    .summary = "Lists sessions, the newest first.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (!operands.empty()) return UsageError("there are no operands");
  const absl::Time now = absl::Now();
  CSA_ASSIGN_OR_RETURN(const ListOptions options, GetListOptions(now));
  const absl::StatusOr<SessionStore> store = SessionStore::Open();
  if (absl::IsNotFound(store.status())) return ExitStatus::kSuccess;
  if (!store.ok()) return store.status();
  CSA_ASSIGN_OR_RETURN(const std::vector<SessionEntry> entries,
                       SelectNewest(*store, options.selection, options.count));
  const bool json = Format() == OutputFormat::kJson;
  if (options.ids || json) {
    for (const SessionEntry& entry : entries) {
      PrintResult(options.ids ? entry.id.text() : FormatEntryJson(entry, now));
    }
    return ExitStatus::kSuccess;
  }
  for (const std::string& line : FormatTable(entries, options.style)) {
    PrintResult(line);
  }
  return ExitStatus::kSuccess;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
