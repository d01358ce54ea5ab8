// What csa-gc says.

#ifndef CSA_TOOLS_GC_REPORT_H_
#define CSA_TOOLS_GC_REPORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/cli/exit_status.h"
#include "common/session/garbage.h"
#include "common/session/session_id.h"

namespace csa {

// "<id> lost", "<id> ended", "<id> still alive" or "<id> removed".
std::string FormatClearing(const SessionId& id, const Clearing& clearing);

// {"session_id":…,"outcome":"lost|ended|still_alive|removed","strays":…,
// "bytes":…,"dry_run":…}
std::string FormatClearingJson(const SessionId& id, const Clearing& clearing,
                               bool dry_run);

// Prints what was done about a session as the result, and who is still alive as
// talk; what could not be done as talk alone. Returns the exit status that it
// leads to.
ExitStatus PrintClearing(const SessionId& id,
                         const absl::StatusOr<Clearing>& clearing,
                         bool dry_run);

}  // namespace csa

#endif  // CSA_TOOLS_GC_REPORT_H_
