#include "common/os/last_lines.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "common/os/errno_status.h"

namespace csa {

absl::Status SeekToLastLines(int fd, int64_t count) {
  constexpr off_t kBlock = 64 * 1024;
  const off_t size = lseek(fd, 0, SEEK_END);
  if (size < 0) return ErrnoStatus("seek");
  std::string block;
  // A newline at the very end ends the last line, and begins none.
  off_t end = count > 0 ? size - 1 : size;
  off_t start = count > 0 ? 0 : size;
  while (count > 0 && end > 0) {
    const off_t begin = std::max<off_t>(0, end - kBlock);
    block.resize(static_cast<size_t>(end - begin));
    const ssize_t got = RetryOnEintr(
        [&] { return pread(fd, block.data(), block.size(), begin); });
    if (got < 0) return ErrnoStatus("read");
    for (ssize_t i = got; i > 0 && count > 0; --i) {
      if (block[static_cast<size_t>(i) - 1] == '\n' && --count == 0) {
        start = begin + i;
      }
    }
    end = begin;
  }
  if (lseek(fd, start, SEEK_SET) < 0) return ErrnoStatus("seek");
  return absl::OkStatus();
}

}  // namespace csa
