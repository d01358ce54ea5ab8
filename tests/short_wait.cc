// csa-wait as it is, but for how long it waits: so short that a test sees it
// return unfinished.

#include "absl/time/time.h"
#include "common/cli/tool.h"
#include "tools/wait/wait_command.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-wait",
    .synopsis = "[--session] ID...",
    .summary = "Waits for sessions, not for long, and prints how they ended.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  return WaitAsAsked(operands, absl::Milliseconds(20));
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
