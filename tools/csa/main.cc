// csa: runs AI coding agents as background sessions.
//
// Becomes csa-COMMAND, from beside itself or from PATH, as git does.
// Exit status: the command's own; 125 for an unknown command.

#include "common/cli/tool.h"
#include "tools/csa/commands.h"
#include "tools/csa/dispatch.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa",
    .synopsis = "COMMAND [ARGUMENT]...",
    .summary = "Runs AI coding agents as background sessions.",
    .order = OptionOrder::kBeforeOperands,
    .epilogue = DescribeCommands,
};

int Main(const Invocation& invocation) {
  if (invocation.program.empty()) {
    return RunTool(kTool, invocation.arguments,
                   [](const Operands&) -> absl::StatusOr<ExitStatus> {
                     return UsageError("no command is given");
                   });
  }
  // The options are the command's own to read, and the signals to set up.
  const absl::Status failed = Dispatch(invocation);
  return RunTool(kTool, {}, [&](const Operands&) -> absl::StatusOr<ExitStatus> {
    return failed;
  });
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::Main(
      csa::ParseInvocation({argv + (argc > 0 ? 1 : 0), argv + argc}));
}
