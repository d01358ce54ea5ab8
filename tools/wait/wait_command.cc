#include "tools/wait/wait_command.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/cli/lines_option.h"
#include "common/cli/session_option.h"
#include "common/os/process.h"
#include "common/session/session_store.h"
#include "tools/wait/wait.h"

ABSL_FLAG(bool, any, false, "return when one of several has ended");
ABSL_FLAG(bool, quiet, false, "do not print the output, or the lines");

namespace csa {

absl::StatusOr<ExitStatus> WaitAsAsked(const Operands& operands,
                                       absl::Duration limit) {
  const std::vector<std::string> references = SessionReferences(operands);
  if (references.empty()) return UsageError("no session is named");
  CSA_ASSIGN_OR_RETURN(const std::optional<int64_t> last_lines, LastLines());
  const bool any = absl::GetFlag(FLAGS_any);
  const bool quiet = absl::GetFlag(FLAGS_quiet);
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  if (references.size() > 1) RaiseDescriptorLimit();
  CSA_ASSIGN_OR_RETURN(const std::vector<SessionId> sessions,
                       FindEach(store, references));
  if (sessions.size() == 1 && !any) {
    CSA_ASSIGN_OR_RETURN(const SessionDirectory session,
                         store.OpenVisible(sessions[0]));
    return Wait(session, limit, {.none = quiet, .last_lines = last_lines});
  }
  if (last_lines.has_value()) {
    return UsageError(
        "--tail is for one session: of several, no output is "
        "printed");
  }
  return WaitForSeveral(store, sessions, limit, any, quiet);
}

}  // namespace csa
