#include "common/os/kernel.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "common/os/errno_status.h"

namespace csa {

std::string KernelRelease() {
  utsname names;
  // It fails for a bad pointer alone.
  if (uname(&names) != 0) return "unknown";
  return absl::StrCat(names.sysname, " ", names.release);
}

absl::Status CheckCloseRange() {
  // No descriptor has the highest number.
  if (close_range(~0U, ~0U, 0) == 0) return absl::OkStatus();
  return ErrnoStatus("close_range");
}

absl::Status CheckRenameNoReplace() {
  // The empty name is that of no file: ENOENT where the call is there.
  if (renameat2(AT_FDCWD, "", AT_FDCWD, "", RENAME_NOREPLACE) == 0 ||
      errno == ENOENT) {
    return absl::OkStatus();
  }
  // The C library says EINVAL where the call is missing.
  return ErrnoStatus("renameat2", errno == EINVAL ? ENOSYS : errno);
}

}  // namespace csa
