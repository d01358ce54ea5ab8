// weave: compiles the patterns of workflows.
//
// Exit status: 0; 1 a pattern has a mistake, or a compiled workflow is not what
// its pattern gives; 125 a file cannot be read or written, or wrong usage.

#include <string>

#include "absl/flags/flag.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "tools/weave/commands.h"

ABSL_FLAG(bool, all, false,
          "compile every pattern in DIR, and write each workflow.toml beside "
          "its PATTERN.md");
ABSL_FLAG(std::string, output, "",
          "-o OUT|write the workflow to OUT, instead of to standard output");
ABSL_FLAG(bool, strict, false, "take warnings for errors");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "weave",
    .synopsis = "compile FILE | compile --all DIR | check DIR | show FILE",
    .summary = "Compiles patterns to workflows, checks and draws them.",
    .draws = true,
};

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (operands.size() != 2) {
    return UsageError("give compile, check or show, and a file or directory");
  }
  const std::string& command = operands[0];
  const std::string& path = operands[1];
  const bool strict = absl::GetFlag(FLAGS_strict);
  const bool all = absl::GetFlag(FLAGS_all);
  const std::string output = absl::GetFlag(FLAGS_output);
  if ((all || !output.empty()) && command != "compile") {
    return UsageError("--all and -o are for compile only");
  }
  if (Format() != OutputFormat::kText && command != "show") {
    return UsageError("--format is for show only");
  }
  if (all && !output.empty()) {
    return UsageError("--all writes beside each pattern: it goes without -o");
  }
  if (command == "compile" && all) return CompileAll(path, strict);
  if (command == "compile") return Compile(path, output, strict);
  if (command == "check") return Check(path, strict);
  if (command == "show") return Show(path, strict);
  return UsageError("give compile, check or show, and a file or directory");
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
