#include "common/agent/answer.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/fenced_code.h"
#include "common/base/json.h"

namespace csa {
namespace {

absl::StatusOr<nlohmann::json> Parse(absl::string_view text) {
  if (text.size() <= kMaxStatedBytes) return ParseJson(text);
  return absl::InvalidArgumentError(
      absl::StrCat("it is longer than ", kMaxStatedBytes >> 20, " MiB"));
}

}  // namespace

FencedBlocks FencedBlocksOf(absl::string_view markdown) {
  FencedBlocks blocks;
  FencedCode code;
  std::string block;
  for (const absl::string_view line : absl::StrSplit(markdown, '\n')) {
    switch (code.Next(line)) {
      case FencedCode::Line::kText:
        absl::StrAppend(&blocks.rest, line, "\n");
        break;
      case FencedCode::Line::kOpening:
        block.clear();
        break;
      case FencedCode::Line::kCode:
        absl::StrAppend(&block, line, "\n");
        break;
      case FencedCode::Line::kClosing:
        blocks.contents.push_back(block);
        blocks.rest.clear();
        break;
    }
  }
  blocks.ends_open = code.is_open();
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

}  // namespace csa
