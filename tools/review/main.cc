// csa-review: has agents review a change, as a session.
//
// Exit status: 0 it runs; of the session: 0 clean, 1 there are findings, 3
// uncertain. 125 wrong usage, or nothing to review; 127 no reviewer is there.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/agent/agent_tool.h"
#include "common/agent/configuration_files.h"
#include "common/base/status_macros.h"
#include "common/cli/launch_options.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "common/launch/launch.h"
#include "tools/review/request.h"
#include "tools/review/work.h"

// What csa-review says to itself, in the session.
ABSL_FLAG(bool, conduct, false, "");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-review",
    .synopsis = "[FILE]...",
    .summary =
        "Has agents of another family review a change, as a session, "
        "and prints its id.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (absl::GetFlag(FLAGS_conduct)) return Conduct();
  CSA_ASSIGN_OR_RETURN(const LaunchOptions options, GetLaunchOptions());
  CSA_ASSIGN_OR_RETURN(const Configuration configuration,
                       LoadConfiguration(BuiltinTools(), "."));
  CSA_ASSIGN_OR_RETURN(const Request request,
                       ResolveRequest(configuration, operands));
  CSA_ASSIGN_OR_RETURN(const std::vector<std::string> arguments,
                       SpawnArguments(request, options));
  for (const std::string& note : request.notes) {
    PrintNotice(absl::StrCat(kTool.name, ": ", note));
  }
  return Launch(arguments, request.prompt);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
