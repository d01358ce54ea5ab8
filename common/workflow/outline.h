// The steps of a workflow as they stand in one another.

#ifndef CSA_COMMON_WORKFLOW_OUTLINE_H_
#define CSA_COMMON_WORKFLOW_OUTLINE_H_

#include <cstddef>
#include <vector>

#include "common/workflow/workflow.h"

namespace csa {

// A step, or a block with what stands in it.
struct OutlineNode {
  // The step, or the first one in the block: an index into the workflow's.
  size_t step = 0;
  bool is_block = false;
  Block block;                         // of an IF also where its part is empty
  std::vector<OutlineNode> body;       // of an IF or a FOR
  std::vector<OutlineNode> otherwise;  // of an ELSE
};

// Steps that follow one another and stand in the same block are together in it.
std::vector<OutlineNode> OutlineOf(const std::vector<Step>& steps);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_OUTLINE_H_
