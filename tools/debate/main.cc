// csa-debate: has two agents debate a question, as a session.
//
// Exit status: 0 it runs; of the session: 0 decided, 3 undecided. 125 wrong
// usage; 127 there are no agents of two families.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "common/agent/agent_tool.h"
#include "common/agent/configuration_files.h"
#include "common/base/status_macros.h"
#include "common/cli/launch_options.h"
#include "common/cli/tool.h"
#include "common/launch/launch.h"
#include "common/launch/prompt.h"
#include "tools/debate/request.h"
#include "tools/debate/work.h"

ABSL_FLAG(std::string, prompt_file, "", "FILE|read the question from FILE");
// What csa-debate says to itself, in the session.
ABSL_FLAG(bool, conduct, false, "");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-debate",
    .synopsis = "[QUESTION]",
    .summary =
        "Has two agents of different families debate QUESTION, as a "
        "session, and prints its id.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const Configuration configuration,
                       LoadConfiguration(BuiltinTools(), "."));
  if (absl::GetFlag(FLAGS_conduct)) return Conduct(configuration);
  CSA_ASSIGN_OR_RETURN(const LaunchOptions options, GetLaunchOptions());
  CSA_ASSIGN_OR_RETURN(Debate debate, ResolveDebate(configuration));
  CSA_ASSIGN_OR_RETURN(debate.question,
                       ReadPrompt(operands, absl::GetFlag(FLAGS_prompt_file)));
  CSA_ASSIGN_OR_RETURN(const std::vector<std::string> arguments,
                       SpawnArguments(debate, options));
  return Launch(arguments, debate.question);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
