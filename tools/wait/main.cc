// csa-wait: waits for sessions, at most 250 s, and prints how they ended.
//
// Exit status: the session's own (1 in the place of 124), of several the first
// that is not 0; 124 not finished yet, 1 lost, 125 no such session.

#include "common/cli/tool.h"
#include "tools/wait/wait.h"
#include "tools/wait/wait_command.h"

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-wait",
    .synopsis = "[--session] ID...",
    .summary = "Waits for sessions, at most 250 s, and prints how they ended.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  return WaitAsAsked(operands, kLongestWait);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
