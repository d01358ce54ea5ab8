// csa-supervise: sees a session through, from its start to its result.
//
// Started by csa-spawn or a batch scheduler, one for each session.
// Exit status: 0 when the result is published, 126 or 127 when the command
// could not be executed, 125 when the session could not be started.

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/cli/tool.h"
#include "tools/supervise/supervisor.h"

ABSL_FLAG(int, ready_fd, -1,
          "FD|write a newline to this descriptor when the command is running");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-supervise",
    .synopsis = "DIR",
    .summary =
        "Runs the session prepared in DIR, and ends all that it started.",
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (operands.size() != 1) return UsageError("name one session directory");
  const absl::Status done =
      Supervise(operands[0], absl::GetFlag(FLAGS_ready_fd));
  if (!done.ok()) return done;
  return ExitStatus::kSuccess;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
