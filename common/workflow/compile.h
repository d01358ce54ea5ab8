// The compiler: from patterns to workflows.

#ifndef CSA_COMMON_WORKFLOW_COMPILE_H_
#define CSA_COMMON_WORKFLOW_COMPILE_H_

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/workflow/diagnostic.h"
#include "common/workflow/workflow.h"

namespace csa {

// Finds what an INCLUDE in the file `including` refers to. Two files are the
// same if their names are.
using IncludeLoader = absl::FunctionRef<absl::StatusOr<SourceFile>(
    absl::string_view including, absl::string_view reference)>;

// So many files may be included, and so many bytes may a workflow take, in all:
// patterns that include one another could grow without end.
inline constexpr int kMostIncludes = 1000;
inline constexpr size_t kMaxWorkflowBytes = size_t{64} << 20;

// The workflow that the pattern `file` describes. Adds what is wrong with it to
// `diagnostics`: where there are errors, what is returned is of no use.
//
// In what is included, STEP_1_OUTPUT and the like are those of its own steps.
Workflow CompilePattern(const SourceFile& file, IncludeLoader load,
                        Diagnostics& diagnostics);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_COMPILE_H_
