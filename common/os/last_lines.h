// Finding the end of a long text without reading all of it.

#ifndef CSA_COMMON_OS_LAST_LINES_H_
#define CSA_COMMON_OS_LAST_LINES_H_

#include <cstdint>

#include "absl/status/status.h"

namespace csa {

// Moves the offset of `fd`, a regular file, to the beginning of its last
// `count` lines; to its beginning when it has fewer. What follows the last
// newline counts as a line. Reads from the end, in blocks.
absl::Status SeekToLastLines(int fd, int64_t count);

}  // namespace csa

#endif  // CSA_COMMON_OS_LAST_LINES_H_
