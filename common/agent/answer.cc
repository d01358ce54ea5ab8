#include "common/agent/answer.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace csa {
namespace {

constexpr size_t kShortestFence = 3;
constexpr size_t kDeepestIndent = 3;

// The beginning of a line that may be a fence.
struct Fence {
  char kind = '\0';
  size_t length = 0;
  absl::string_view rest;  // of the line
};

std::optional<Fence> FenceOf(absl::string_view line) {
  const size_t indent = std::min(line.find_first_not_of(' '), line.size());
  if (indent > kDeepestIndent) return std::nullopt;
  line.remove_prefix(indent);
  if (line.empty() || (line[0] != '`' && line[0] != '~')) return std::nullopt;
  const char kind = line[0];
  const size_t length = std::min(line.find_first_not_of(kind), line.size());
  if (length < kShortestFence) return std::nullopt;
  return Fence{kind, length, line.substr(length)};
}

bool Opens(const Fence& fence) {
  // What has backticks behind it is code within a line.
  return fence.kind == '~' || !absl::StrContains(fence.rest, '`');
}

bool Closes(const Fence& fence, const Fence& opened) {
  return fence.kind == opened.kind && fence.length >= opened.length &&
         absl::StripAsciiWhitespace(fence.rest).empty();
}

}  // namespace

std::optional<std::string> LastFencedBlock(absl::string_view markdown) {
  std::optional<std::string> last;
  std::optional<Fence> opened;
  std::string block;
  for (const absl::string_view line : absl::StrSplit(markdown, '\n')) {
    const std::optional<Fence> fence = FenceOf(line);
    if (opened.has_value() && fence.has_value() && Closes(*fence, *opened)) {
      last = block;
      opened.reset();
    } else if (opened.has_value()) {
      absl::StrAppend(&block, line, "\n");
    } else if (fence.has_value() && Opens(*fence)) {
      opened = fence;
      block.clear();
    }
  }
  return opened.has_value() ? std::nullopt : last;
}

std::string FenceFor(absl::string_view text) {
  size_t longest = kShortestFence - 1;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::optional<Fence> fence = FenceOf(line);
    if (fence.has_value() && fence->kind == '`') {
      longest = std::max(longest, fence->length);
    }
  }
  return std::string(longest + 1, '`');
}

}  // namespace csa
