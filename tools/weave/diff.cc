#include "tools/weave/diff.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace csa {
namespace {

using Lines = std::vector<absl::string_view>;

constexpr ptrdiff_t kContext = 3;

// With their newlines, which the last one may not have.
Lines LinesOf(absl::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t newline = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, newline + 1));
    text.remove_prefix(newline + 1);
  }
  return lines;
}

// "3,5": where `count` lines begin behind the first `begin`.
std::string Range(ptrdiff_t begin, ptrdiff_t count) {
  return absl::StrCat(count == 0 ? begin : begin + 1, ",", count);
}

void Append(char mark, const Lines& lines, ptrdiff_t begin, ptrdiff_t end,
            std::vector<std::string>& out) {
  for (ptrdiff_t i = begin; i < end; ++i) {
    absl::string_view line = lines[static_cast<size_t>(i)];
    const bool ends = absl::ConsumeSuffix(&line, "\n");
    out.push_back(absl::StrCat(std::string(1, mark), line));
    if (!ends) out.emplace_back("\\ No newline at end of file");
  }
}

}  // namespace

std::string Diff(absl::string_view path, absl::string_view before,
                 absl::string_view after) {
  if (before == after) return "";
  const Lines old = LinesOf(before);
  const Lines now = LinesOf(after);
  const auto size = static_cast<ptrdiff_t>(old.size());
  const auto new_size = static_cast<ptrdiff_t>(now.size());
  const ptrdiff_t same =
      std::mismatch(old.begin(), old.end(), now.begin(), now.end()).first -
      old.begin();
  ptrdiff_t same_at_end =
      std::mismatch(old.rbegin(), old.rend(), now.rbegin(), now.rend()).first -
      old.rbegin();
  same_at_end = std::min(same_at_end, std::min(size, new_size) - same);
  const ptrdiff_t begin = std::max<ptrdiff_t>(same - kContext, 0);
  const ptrdiff_t old_end = size - same_at_end;
  const ptrdiff_t new_end = new_size - same_at_end;
  const ptrdiff_t context_end = std::min(old_end + kContext, size);
  std::vector<std::string> out = {
      // A tab ends a name that may have blanks in it.
      absl::StrCat("--- ", path, "\t"),
      absl::StrCat("+++ ", path, "\t(compiled)"),
      absl::StrCat("@@ -", Range(begin, context_end - begin), " +",
                   Range(begin, context_end - begin + new_end - old_end),
                   " @@")};
  Append(' ', old, begin, same, out);
  Append('-', old, same, old_end, out);
  Append('+', now, same, new_end, out);
  Append(' ', old, old_end, context_end, out);
  return absl::StrJoin(out, "\n");
}

}  // namespace csa
