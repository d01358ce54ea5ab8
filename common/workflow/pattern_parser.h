// The parser of patterns.

#ifndef CSA_COMMON_WORKFLOW_PATTERN_PARSER_H_
#define CSA_COMMON_WORKFLOW_PATTERN_PARSER_H_

#include "common/workflow/diagnostic.h"
#include "common/workflow/pattern.h"

namespace csa {

// Reads a pattern that stands `depth` blocks deep. Adds what is wrong with it
// to `diagnostics`, all of it: where there are errors, what is returned is what
// could be understood.
Pattern ParsePattern(const SourceFile& file, int depth,
                     Diagnostics& diagnostics);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_PATTERN_PARSER_H_
