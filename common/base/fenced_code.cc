#include "common/base/fenced_code.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
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
  return Fence{kind, length, absl::StripAsciiWhitespace(line.substr(length))};
}

}  // namespace

FencedCode::Line FencedCode::Next(absl::string_view line) {
  const std::optional<Fence> fence = FenceOf(line);
  if (is_open()) {
    const bool closes = fence.has_value() && fence->kind == kind_ &&
                        fence->length >= length_ && fence->rest.empty();
    if (!closes) return Line::kCode;
    length_ = 0;
    return Line::kClosing;
  }
  // What has backticks behind it is code within a line.
  const bool opens =
      fence.has_value() &&
      (fence->kind == '~' || !absl::StrContains(fence->rest, '`'));
  if (!opens) return Line::kText;
  kind_ = fence->kind;
  length_ = fence->length;
  language_ =
      std::string(fence->rest.substr(0, fence->rest.find_first_of(" \t")));
  return Line::kOpening;
}

std::string FenceFor(absl::string_view text) {
  size_t longest = kShortestFence - 1;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::optional<Fence> fence = FenceOf(line);
    if (fence.has_value() && fence->kind == '`') {
      longest = std::max(longest, fence->length);
    }
  }
  std::string fence(longest + 1, '`');
  return fence;
}

}  // namespace csa
