// Finding the last lines of a file: the same as by counting from its end, also
// where a block that is read cuts through them.

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/os/last_lines.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

// The last `count` lines of `text`.
absl::string_view LastLines(absl::string_view text, int count) {
  size_t start = text.size();
  while (count > 0 && start > 0) {
    --start;
    // A newline ends the line before it.
    if (start > 0 && text[start - 1] == '\n') --count;
  }
  return text.substr(start);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view text = csa::TextOf(data, size);
  const int count = csa::TakeByte(text);
  const uint8_t filler = csa::TakeByte(text);
  std::string content(text);
  // With this, what is read first begins somewhere in the last `text`.
  if (filler > 0) {
    const size_t gap = 65536 - text.size() / 2 % 65536;
    content = absl::StrCat(text, std::string(gap, filler < 128 ? '\n' : 'x'),
                           text, text.substr(0, filler % 8));
  }
  const absl::StatusOr<csa::UniqueFd> fd = csa::OpenInMemory(content);
  csa::Require(fd.ok() && csa::SeekToLastLines(fd->get(), count).ok());
  const absl::StatusOr<std::string> tail =
      csa::ReadAll(fd->get(), content.size());
  csa::Require(tail.ok() && *tail == LastLines(content, count));
  return 0;
}
