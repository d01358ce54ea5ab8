// csa-wait: waits for sessions, at most 250 s, and prints how they ended.
//
// Exit status: the session's own (1 in the place of 124), of several the first
// that is not 0; 124 not finished yet, 1 lost, 125 no such session.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/cli/lines_option.h"
#include "common/cli/session_option.h"
#include "common/cli/tool.h"
#include "common/os/process.h"
#include "common/session/session_store.h"
#include "tools/wait/wait.h"

ABSL_FLAG(bool, any, false, "return when one of several has ended");
ABSL_FLAG(bool, quiet, false, "do not print the output, or the lines");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-wait",
    .synopsis = "[--session] ID...",
    .summary = "Waits for sessions, at most 250 s, and prints how they ended.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
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
    return Wait(session, kLongestWait,
                {.none = quiet, .last_lines = last_lines});
  }
  if (last_lines.has_value()) {
    return UsageError(
        "--tail is for one session: of several, no output is "
        "printed");
  }
  return WaitForSeveral(store, sessions, kLongestWait, any, quiet);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
