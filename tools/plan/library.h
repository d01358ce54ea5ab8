// The workflows that can be run by name.

#ifndef CSA_TOOLS_PLAN_LIBRARY_H_
#define CSA_TOOLS_PLAN_LIBRARY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/workflow/workflow.h"

namespace csa {

// A workflow, and the file that it was read from.
struct WorkflowFile {
  std::string name;  // by which it can be run; "" where it has none
  std::string path;  // absolute
  std::string text;  // of the file
  Workflow workflow;
};

// Reads the file `path`. An error that names the file and the line where it is
// no workflow.
absl::StatusOr<WorkflowFile> ReadWorkflowFile(const std::string& path);

// The workflow called `name`: NAME/workflow.toml in csa/patterns in the user's
// configuration directory, else in share/csa/patterns beside the directory of
// the executable. A project's are not among them: it may be anybody's.
// NotFound, with the names that there are.
absl::StatusOr<WorkflowFile> FindWorkflow(const std::string& name);

// All of these, sorted by name: of two with one name, the user's. What cannot
// be read is left out, and added to `faults`, a line each.
std::vector<WorkflowFile> ListWorkflows(std::vector<std::string>& faults);

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_LIBRARY_H_
