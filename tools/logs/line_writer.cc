#include "tools/logs/line_writer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"

namespace csa {

absl::Status LineWriter::Write(absl::string_view bytes) {
  std::string formed;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const size_t size =
        std::min({end, bytes.size(), kLongestLine - line_.size()});
    absl::StrAppend(&line_, bytes.substr(0, size));
    const bool whole = size == end;
    bytes.remove_prefix(size + (whole ? 1 : 0));
    if (!whole && line_.size() < kLongestLine) break;
    // Nothing but the end of a line that came in pieces is no line.
    if (!cut_ || !line_.empty()) absl::StrAppend(&formed, form_(line_));
    line_.clear();
    cut_ = !whole;
  }
  return WriteAll(to_, formed);
}

absl::Status LineWriter::Finish() {
  if (line_.empty()) return absl::OkStatus();
  const std::string formed = form_(line_);
  line_.clear();
  return WriteAll(to_, formed);
}

}  // namespace csa
