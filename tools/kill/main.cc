// csa-kill: ends a session, and everything that it started.
//
// Exit status: 0 ended (or had ended), 1 something is still alive, 125 no such
// session, or out of reach.

#include <string>

#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/session_option.h"
#include "common/cli/tool.h"
#include "common/session/ending.h"
#include "common/session/session_store.h"
#include "tools/kill/report.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-kill",
    .synopsis = "[--session] ID",
    .summary = "Ends a session, and everything that it started.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const std::string reference, SessionReference(operands));
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
  CSA_ASSIGN_OR_RETURN(const Ending ending, EndSession(session));
  PrintResult(Format() == OutputFormat::kJson
                  ? FormatEndingJson(session.id(), ending)
                  : FormatEnding(session.id(), ending));
  for (const std::string& line : DescribeLeftovers(session.id(), ending)) {
    PrintNotice(line);
  }
  return ending.outcome == Ending::Outcome::kStillAlive ? ExitStatus::kNo
                                                        : ExitStatus::kSuccess;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
