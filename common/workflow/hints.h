// The hints that the body of a step begins with: "Tool: bash" and the like.

#ifndef CSA_COMMON_WORKFLOW_HINTS_H_
#define CSA_COMMON_WORKFLOW_HINTS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "common/workflow/diagnostic.h"
#include "common/workflow/pattern.h"
#include "common/workflow/sections.h"

namespace csa {

// Fills in what the `body` of a step in `file` says: its hints and its prompt.
// A hint that cannot be understood stays in the prompt, with a warning. Another
// one is of a remark behind a condition, which is left out.
void ReadHints(absl::string_view file, const std::vector<SourceLine>& body,
               PatternNode& step, Diagnostics& diagnostics);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_HINTS_H_
