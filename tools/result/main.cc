// csa-result: tells how a session ended.
//
// Exit status: 0 it has ended, whatever its own; 124 it is running, 1 it is
// lost, 125 no such session.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/session_option.h"
#include "common/cli/tool.h"
#include "common/session/session_report.h"
#include "common/session/session_state.h"
#include "common/session/session_store.h"
#include "tools/result/report.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-result",
    .synopsis = "[--session] ID",
    .summary = "Tells how a session ended.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const std::string reference, SessionReference(operands));
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
  CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
  const Outcome outcome = ReadOutcome(session, state);
  const bool json = Format() == OutputFormat::kJson;
  if (json) PrintResult(FormatOutcomeJson(outcome));
  if (IsLost(state)) PrintNotice(DescribeLost(session));
  if (state.kind == SessionState::Kind::kRunning) {
    PrintNotice(
        absl::StrCat("session ", session.id().text(), " has not ended yet"));
    return ExitStatus::kNotFinished;
  }
  if (!json) PrintResult(FormatOutcome(outcome));
  return IsLost(state) ? ExitStatus::kNo : ExitStatus::kSuccess;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
