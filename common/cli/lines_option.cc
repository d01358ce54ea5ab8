#include "common/cli/lines_option.h"

#include <limits>

#include "absl/flags/flag.h"
#include "common/cli/tool.h"

// No number that anybody gives.
constexpr int64_t kNoTail = std::numeric_limits<int64_t>::min();
ABSL_FLAG(int64_t, tail, kNoTail,
          "N|print only the last N lines of its output");

namespace csa {

absl::StatusOr<std::optional<int64_t>> LastLines() {
  const int64_t tail = absl::GetFlag(FLAGS_tail);
  if (tail == kNoTail) return std::nullopt;
  if (tail < 0) return UsageError("--tail takes a number of lines");
  return tail;
}

}  // namespace csa
