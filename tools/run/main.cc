// csa-run: gives a prompt to an agent, as a session.
//
// Exit status: 0 it runs; with --no-daemon, the session's own; 127 no agent is
// installed; 125 wrong usage.

#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "common/launch/launch.h"
#include "tools/run/request.h"

// What it asks for is what happens anyway.
ABSL_FLAG(bool, daemon, false, "");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-run",
    .synopsis = "[PROMPT]",
    .summary = "Gives PROMPT to an agent, as a session, and prints its id.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const Request request, ResolveRequest(operands));
  for (const std::string& note : request.notes) {
    PrintNotice(absl::StrCat(kTool.name, ": ", note));
  }
  return Launch(request.spawn_arguments, request.prompt);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
