// What a pattern says of itself: TOML between two lines "---".

#ifndef CSA_COMMON_WORKFLOW_FRONTMATTER_H_
#define CSA_COMMON_WORKFLOW_FRONTMATTER_H_

#include "absl/strings/string_view.h"
#include "common/workflow/diagnostic.h"
#include "common/workflow/pattern.h"
#include "common/workflow/sections.h"

namespace csa {

// Fills in what the frontmatter of `file`, which is divided into `sections`,
// says of `pattern`.
void ReadFrontmatter(absl::string_view file, const Sections& sections,
                     Pattern& pattern, Diagnostics& diagnostics);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_FRONTMATTER_H_
