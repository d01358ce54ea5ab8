// workflow.toml: a workflow as a file.

#ifndef CSA_COMMON_WORKFLOW_WORKFLOW_FILE_H_
#define CSA_COMMON_WORKFLOW_WORKFLOW_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/workflow/workflow.h"

namespace csa {

// What such a file is called beside its pattern.
inline constexpr char kWorkflowFile[] = "workflow.toml";

// The file. The same workflow gives the same bytes, and ParseWorkflow reads it
// back as the same.
std::string FormatWorkflow(const Workflow& workflow);

// Reads a file: one of FormatWorkflow, or one that was made for the older csa,
// which calls the table [plan], and has no `blocks`: there each condition is
// asked for its own step, and a loop is made of the steps that follow one
// another and have the same. InvalidArgument, "line N: what is wrong", where it
// is none.
absl::StatusOr<Workflow> ParseWorkflow(absl::string_view toml);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_WORKFLOW_FILE_H_
