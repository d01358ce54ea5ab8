// The frame of every tool: options, help, errors, exit status.

#ifndef CSA_COMMON_CLI_TOOL_H_
#define CSA_COMMON_CLI_TOOL_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cli/exit_status.h"
#include "common/cli/options.h"

namespace csa {

// What a tool says of itself.
struct Tool {
  absl::string_view name;      // the executable's: "csa-kill"
  absl::string_view synopsis;  // what may follow the options: "[--session] ID"
  absl::string_view summary;   // one sentence
  OptionOrder order = OptionOrder::kAnywhere;
  std::string (*epilogue)() = nullptr;  // what --help ends with, if anything
  bool draws = false;  // whether --format may also be dot or mermaid
};

using Operands = std::vector<std::string>;
using ToolFunction =
    absl::FunctionRef<absl::StatusOr<ExitStatus>(const Operands&)>;

// Runs a tool: reads the command line (without the program's name), answers
// --help and --version, makes --cd the working directory, calls `run` with the
// operands, prints the error if there is one as "<name>: <message>" on stderr,
// and sees to it that stdout was written. Returns the exit status. A reader of
// stdout that has gone away is no error. It is the only place that prints
// errors and chooses exit statuses.
int RunTool(const Tool& tool, const std::vector<std::string>& arguments,
            ToolFunction run);

// The same, with the arguments as main has them.
int RunTool(const Tool& tool, int argc, char** argv, ToolFunction run);

// An error of usage: RunTool points to --help beside it.
absl::Status UsageError(absl::string_view message);

}  // namespace csa

#endif  // CSA_COMMON_CLI_TOOL_H_
