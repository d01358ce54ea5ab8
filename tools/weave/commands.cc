#include "tools/weave/commands.h"

#include <fcntl.h>

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/cli/tool.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/workflow/compile.h"
#include "common/workflow/drawing.h"
#include "common/workflow/workflow_file.h"
#include "tools/weave/diff.h"
#include "tools/weave/pattern_files.h"

namespace csa {
namespace {

// A compiled pattern: the file that it belongs to, and what that is to hold.
struct Compiled {
  std::string path;
  std::string text;
};

// All patterns of `directory`; nothing where one of them cannot be compiled.
absl::StatusOr<std::optional<std::vector<Compiled>>> CompileIn(
    const std::string& directory, bool strict) {
  CSA_ASSIGN_OR_RETURN(const std::vector<std::string> patterns,
                       FindPatterns(directory));
  std::vector<Compiled> all;
  for (const std::string& pattern : patterns) {
    CSA_ASSIGN_OR_RETURN(const std::optional<Workflow> workflow,
                         CompileFile(pattern, strict));
    if (!workflow.has_value()) continue;
    all.push_back({WorkflowBeside(pattern), FormatWorkflow(*workflow)});
  }
  if (all.size() < patterns.size()) return std::nullopt;
  return all;
}

absl::StatusOr<std::optional<Workflow>> ReadOrCompile(const std::string& path,
                                                      bool strict) {
  if (!absl::EndsWith(path, ".toml")) return CompileFile(path, strict);
  CSA_ASSIGN_OR_RETURN(const std::string text,
                       ReadFileNamedByUser(path, kMaxWorkflowBytes));
  absl::StatusOr<Workflow> workflow = ParseWorkflow(text);
  CSA_RETURN_IF_ERROR(Named(path, workflow.status()));
  return *std::move(workflow);
}

}  // namespace

absl::StatusOr<ExitStatus> Compile(const std::string& path,
                                   const std::string& output, bool strict) {
  const absl::StatusOr<FileIdentity> input = IdentityAt(AT_FDCWD, path);
  if (input.ok() && IdentityAt(AT_FDCWD, output) == input) {
    return UsageError(
        absl::StrCat(output, " is the pattern itself: give another file"));
  }
  CSA_ASSIGN_OR_RETURN(const std::optional<Workflow> workflow,
                       CompileFile(path, strict));
  if (!workflow.has_value()) return ExitStatus::kNo;
  const std::string text = FormatWorkflow(*workflow);
  if (output.empty() || output == "-") {
    PrintResult(absl::StripSuffix(text, "\n"));
  } else {
    CSA_RETURN_IF_ERROR(WriteWorkflow(output, text));
  }
  return ExitStatus::kSuccess;
}

absl::StatusOr<ExitStatus> CompileAll(const std::string& directory,
                                      bool strict) {
  CSA_ASSIGN_OR_RETURN(const auto all, CompileIn(directory, strict));
  if (!all.has_value()) return ExitStatus::kNo;
  for (const Compiled& compiled : *all) {
    CSA_RETURN_IF_ERROR(WriteWorkflow(compiled.path, compiled.text));
  }
  return ExitStatus::kSuccess;
}

absl::StatusOr<ExitStatus> Check(const std::string& directory, bool strict) {
  CSA_ASSIGN_OR_RETURN(const auto all, CompileIn(directory, strict));
  if (!all.has_value()) return ExitStatus::kNo;
  ExitStatus status = ExitStatus::kSuccess;
  for (const Compiled& compiled : *all) {
    absl::StatusOr<std::string> there =
        ReadFileNamedByUser(compiled.path, kMaxWorkflowBytes);
    if (absl::IsNotFound(there.status())) there = "";
    CSA_RETURN_IF_ERROR(there.status());
    const std::string diff = Diff(compiled.path, *there, compiled.text);
    if (diff.empty()) continue;
    PrintResult(diff);
    status = ExitStatus::kNo;
  }
  if (status == ExitStatus::kNo) {
    PrintNotice(absl::StrCat("run: weave compile --all ", directory));
  }
  return status;
}

absl::StatusOr<ExitStatus> Show(const std::string& path, bool strict) {
  CSA_ASSIGN_OR_RETURN(const std::optional<Workflow> workflow,
                       ReadOrCompile(path, strict));
  if (!workflow.has_value()) return ExitStatus::kNo;
  PrintResult(Draw(*workflow, Format()));
  return ExitStatus::kSuccess;
}

}  // namespace csa
