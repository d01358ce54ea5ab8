// Drawings of workflows.

#ifndef CSA_COMMON_WORKFLOW_DRAWING_H_
#define CSA_COMMON_WORKFLOW_DRAWING_H_

#include <string>

#include "common/cli/output.h"
#include "common/workflow/workflow.h"

namespace csa {

// The workflow for people, a step on a line, indented by the blocks that it
// stands in; as one JSON object; or as a graph for Graphviz or Mermaid, of the
// steps, conditions and loops, and what leads from one to the next. Without a
// newline at the end. What stands in its texts is obeyed neither by a terminal
// nor by the language of the drawing.
std::string Draw(const Workflow& workflow, OutputFormat format);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_DRAWING_H_
