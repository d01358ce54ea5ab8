// csa-status: tells whether a session is running, in one line.
//
// Exit status: 0 it is running, 1 it is not, 125 no such session.

#include <string>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/session_option.h"
#include "common/cli/tool.h"
#include "common/session/session_store.h"
#include "tools/status/status.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-status",
    .synopsis = "[--session] ID",
    .summary = "Tells whether a session is running, in one line.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const std::string reference, SessionReference(operands));
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
  CSA_ASSIGN_OR_RETURN(const Observation observation,
                       Observe(session, absl::Now()));
  PrintResult(Format() == OutputFormat::kJson
                  ? FormatObservationJson(observation)
                  : FormatObservation(observation));
  return observation.state.kind == SessionState::Kind::kRunning
             ? ExitStatus::kSuccess
             : ExitStatus::kNo;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
