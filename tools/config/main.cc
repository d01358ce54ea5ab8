// csa-config: shows the configuration that holds here.
//
// Exit status: 0; 125 a mistake in a file, or wrong usage.

#include <string>

#include "common/agent/agent_tool.h"
#include "common/agent/configuration.h"
#include "common/agent/configuration_files.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "tools/config/report.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-config",
    .synopsis = "show",
    .summary =
        "Shows every value of the configuration, and where it comes from.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (operands != Operands{"show"}) {
    return UsageError("there is one thing to do: csa config show");
  }
  CSA_ASSIGN_OR_RETURN(const Configuration configuration,
                       LoadConfiguration(BuiltinTools(), "."));
  for (const std::string& line : Format() == OutputFormat::kJson
                                     ? FormatConfigurationJson(configuration)
                                     : FormatConfiguration(configuration)) {
    PrintResult(line);
  }
  return ExitStatus::kSuccess;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
