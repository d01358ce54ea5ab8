#include "common/workflow/outline.h"

#include <utility>

namespace csa {
namespace {

std::vector<OutlineNode> Outline(const std::vector<Step>& steps, size_t begin,
                                 size_t end, size_t depth);

// The block at `depth` that the steps from `begin` to `end` all stand in.
OutlineNode OutlineBlock(const std::vector<Step>& steps, size_t begin,
                         size_t end, size_t depth) {
  const auto is_else = [&](size_t i) {
    return steps[i].blocks[depth].kind == Block::Kind::kElse;
  };
  size_t middle = begin;
  while (middle < end && !is_else(middle)) ++middle;
  OutlineNode node = {.step = begin,
                      .is_block = true,
                      .block = steps[begin].blocks[depth],
                      .body = Outline(steps, begin, middle, depth + 1),
                      .otherwise = Outline(steps, middle, end, depth + 1)};
  if (is_else(begin)) {
    // The negation of the IF's condition, which no step tells of.
    node.block.kind = Block::Kind::kIf;
    std::swap(node.body, node.otherwise);
  }
  return node;
}

std::vector<OutlineNode> Outline(const std::vector<Step>& steps, size_t begin,
                                 size_t end, size_t depth) {
  std::vector<OutlineNode> nodes;
  while (begin < end) {
    if (steps[begin].blocks.size() <= depth) {
      nodes.push_back({.step = begin++});
      continue;
    }
    const int number = steps[begin].blocks[depth].number;
    size_t behind = begin + 1;
    while (behind < end && steps[behind].blocks.size() > depth &&
           steps[behind].blocks[depth].number == number) {
      ++behind;
    }
    nodes.push_back(OutlineBlock(steps, begin, behind, depth));
    begin = behind;
  }
  return nodes;
}

}  // namespace

std::vector<OutlineNode> OutlineOf(const std::vector<Step>& steps) {
  return Outline(steps, 0, steps.size(), 0);
}

}  // namespace csa
