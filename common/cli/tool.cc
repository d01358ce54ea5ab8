#include "common/cli/tool.h"

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"

ABSL_FLAG(std::string, cd, "", "DIR|make DIR the working directory first");
ABSL_FLAG(bool, help, false, "print this help");
ABSL_FLAG(bool, version, false, "print the version");

namespace csa {
namespace {

constexpr char kVersion[] = "0.1.0";
constexpr char kUsagePayload[] = "csa/usage";

void PrintHelp(const Tool& tool) {
  PrintResult(absl::StrCat("Usage: ", tool.name, " [OPTION]... ", tool.synopsis,
                           "\n", tool.summary, "\n\nOptions:\n",
                           DescribeOptions(),
                           tool.draws ? "\n\nshow draws as text, json, dot or "
                                        "mermaid: --format"
                                      : "",
                           tool.epilogue == nullptr ? "" : tool.epilogue()));
}

absl::StatusOr<ExitStatus> Run(const Tool& tool,
                               const std::vector<std::string>& arguments,
                               ToolFunction run) {
  CSA_RETURN_IF_ERROR(OpenClosedStandardStreams());
  const absl::StatusOr<Operands> operands = ParseOptions(arguments, tool.order);
  if (!operands.ok()) return UsageError(operands.status().message());
  if (absl::GetFlag(FLAGS_help)) {
    PrintHelp(tool);
    return ExitStatus::kSuccess;
  }
  if (absl::GetFlag(FLAGS_version)) {
    PrintResult(absl::StrCat(tool.name, " ", kVersion));
    return ExitStatus::kSuccess;
  }
  if (IsDrawing(Format()) && !tool.draws) {
    return UsageError("--format: give text or json");
  }
  const std::string directory = absl::GetFlag(FLAGS_cd);
  if (!directory.empty()) CSA_RETURN_IF_ERROR(EnterDirectory(directory));
  return run(*operands);
}

}  // namespace

int RunTool(const Tool& tool, const std::vector<std::string>& arguments,
            ToolFunction run) {
  SetUpSignals();
  absl::StatusOr<ExitStatus> exit_status = Run(tool, arguments, run);
  const absl::Status flushed = FlushResult();
  if (exit_status.ok() && !flushed.ok() && !absl::IsAborted(flushed)) {
    exit_status = Named("stdout", flushed);
  }
  if (exit_status.ok()) return static_cast<int>(*exit_status);
  const absl::Status& error = exit_status.status();
  PrintNotice(absl::StrCat(tool.name, ": ", error.message()));
  if (error.GetPayload(kUsagePayload).has_value()) {
    PrintNotice(absl::StrCat("Try '", tool.name, " --help'."));
  }
  return static_cast<int>(ExitStatusFor(error));
}

int RunTool(const Tool& tool, int argc, char** argv, ToolFunction run) {
  return RunTool(tool, {argv + (argc > 0 ? 1 : 0), argv + argc}, run);
}

absl::Status UsageError(absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

}  // namespace csa
