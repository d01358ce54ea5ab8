#include "tools/plan/library.h"

#include <fcntl.h>

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/agent/configuration_files.h"
#include "common/base/status_macros.h"
#include "common/cli/nearest.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/workflow/compile.h"
#include "common/workflow/workflow_file.h"

namespace csa {
namespace {

// The directories of patterns, the first to be looked into first.
std::vector<std::string> PatternDirectories() {
  std::vector<std::string> directories;
  const std::string user = UserConfigurationDirectory();
  if (!user.empty()) directories.push_back(absl::StrCat(user, "/patterns"));
  const absl::StatusOr<std::string> installed =
      PathBesideExecutable("../share/csa/patterns");
  if (installed.ok()) directories.push_back(*installed);
  return directories;
}

// The path of each workflow, by name.
std::map<std::string, std::string> WorkflowPaths() {
  std::map<std::string, std::string> paths;
  for (const std::string& directory : PatternDirectories()) {
    // Behind "/." a symbolic link is followed.
    const absl::StatusOr<UniqueFd> fd =
        OpenAt(AT_FDCWD, absl::StrCat(directory, "/."), O_RDONLY | O_DIRECTORY);
    if (!fd.ok()) continue;
    static_cast<void>(ListDirectory(fd->get(), [&](absl::string_view name) {
      const std::string file = absl::StrCat(name, "/", kWorkflowFile);
      if (ExistsAt(fd->get(), file)) {
        paths.emplace(name, absl::StrCat(directory, "/", file));
      }
      return true;
    }));
  }
  return paths;
}

}  // namespace

absl::StatusOr<WorkflowFile> ReadWorkflowFile(const std::string& path) {
  if (absl::EndsWith(path, ".md")) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is a pattern: compile it first, with weave ",
                     "compile FILE -o ", kWorkflowFile));
  }
  WorkflowFile file;
  CSA_ASSIGN_OR_RETURN(file.text, ReadFileNamedByUser(path, kMaxWorkflowBytes));
  absl::StatusOr<Workflow> workflow = ParseWorkflow(file.text);
  CSA_RETURN_IF_ERROR(Named(path, workflow.status()));
  file.workflow = *std::move(workflow);
  CSA_ASSIGN_OR_RETURN(file.path, RealPath(path));
  return file;
}

absl::StatusOr<WorkflowFile> FindWorkflow(const std::string& name) {
  const std::map<std::string, std::string> paths = WorkflowPaths();
  const auto found = paths.find(name);
  if (found != paths.end()) return ReadWorkflowFile(found->second);
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (const auto& [known, path] : paths) names.push_back(known);
  return absl::NotFoundError(absl::StrCat(
      "there is no pattern '", name, "'",
      names.empty() ? ", nor any other: run a file, csa plan run FILE"
                    : Suggestion(name, "patterns", names)));
}

std::vector<WorkflowFile> ListWorkflows(std::vector<std::string>& faults) {
  std::vector<WorkflowFile> files;
  for (const auto& [name, path] : WorkflowPaths()) {
    absl::StatusOr<WorkflowFile> file = ReadWorkflowFile(path);
    if (file.ok()) {
      file->name = name;
      files.push_back(*std::move(file));
    } else {
      faults.emplace_back(file.status().message());
    }
  }
  return files;
}

}  // namespace csa
