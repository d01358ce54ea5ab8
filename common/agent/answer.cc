#include "common/agent/answer.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/json.h"

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

absl::StatusOr<nlohmann::json> Parse(absl::string_view text) {
  if (text.size() <= kMaxStatedBytes) return ParseJson(text);
  return absl::InvalidArgumentError(
      absl::StrCat("it is longer than ", kMaxStatedBytes >> 20, " MiB"));
}

}  // namespace

FencedBlocks FencedBlocksOf(absl::string_view markdown) {
  FencedBlocks blocks;
  std::optional<Fence> opened;
  std::string block;
  for (const absl::string_view line : absl::StrSplit(markdown, '\n')) {
    const std::optional<Fence> fence = FenceOf(line);
    if (opened.has_value() && fence.has_value() && Closes(*fence, *opened)) {
      blocks.contents.push_back(block);
      blocks.rest.clear();
      opened.reset();
    } else if (opened.has_value()) {
      absl::StrAppend(&block, line, "\n");
    } else if (fence.has_value() && Opens(*fence)) {
      opened = fence;
      block.clear();
    } else {
      absl::StrAppend(&blocks.rest, line, "\n");
    }
  }
  blocks.ends_open = opened.has_value();
  return blocks;
}

absl::StatusOr<nlohmann::json> StatedJson(
    const std::optional<std::string>& file, absl::string_view answer,
    absl::string_view key) {
  const std::string quoted = absl::StrCat("\"", key, "\"");
  const FencedBlocks blocks = FencedBlocksOf(answer);
  const bool answers = !file.has_value() || absl::StrContains(answer, quoted);
  if (answers && (blocks.ends_open || blocks.contents.empty())) {
    return absl::InvalidArgumentError("the answer ends with no fenced block");
  }
  if (answers && !absl::StripAsciiWhitespace(blocks.rest).empty()) {
    return absl::InvalidArgumentError(
        "there is something behind the last fenced block of the answer");
  }
  absl::StatusOr<nlohmann::json> json =
      Parse(file.has_value() ? *file : blocks.contents.back());
  if (!json.ok() || !answers) return json;
  for (size_t i = 0; i < blocks.contents.size(); ++i) {
    const std::string& block = blocks.contents[i];
    const bool is_last = i + 1 == blocks.contents.size();
    // Without a file, the last one is what `json` was read from.
    const bool looked_at =
        is_last ? file.has_value() : absl::StrContains(block, quoted);
    if (looked_at && Parse(block) != json) {
      return absl::InvalidArgumentError("the answer contradicts itself");
    }
  }
  return json;
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
