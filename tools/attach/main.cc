// csa-attach: follows a session's output until the session has ended.
//
// Exit status: the session's own, 1 lost, 124 nobody was left to read, 125 no
// such session, 130 detached by Ctrl-C.

#include <string>

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/cli/session_option.h"
#include "common/cli/tool.h"
#include "common/session/caller.h"
#include "common/session/session_store.h"
#include "tools/attach/attach.h"

ABSL_FLAG(
    bool, end_on_signal, false,
    "let SIGINT, SIGTERM and SIGHUP end the session (else Ctrl-C detaches)");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-attach",
    .synopsis = "[--session] ID",
    .summary = "Follows a session's output until the session has ended.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const std::string reference, SessionReference(operands));
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
  CSA_RETURN_IF_ERROR(CheckNotWithin(CallersSessions(store), session));
  return Attach(session, absl::GetFlag(FLAGS_end_on_signal)
                             ? OnSignal::kEnd
                             : OnSignal::kDetach);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
