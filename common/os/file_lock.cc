#include "common/os/file_lock.h"

#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/errno_status.h"
#include "common/os/fault_point.h"
#include "common/os/file.h"

namespace csa {
namespace {

// A lock of `type` from the first byte to wherever the file will ever end.
struct flock WholeFile(short type) {
  return {.l_type = type,
          .l_whence = SEEK_SET,
          .l_start = 0,
          .l_len = 0,
          .l_pid = 0};
}

}  // namespace

absl::Status LockForWriting(int fd) {
  struct flock lock = WholeFile(F_WRLCK);
  const int locked = RetryOnEintr(
      [&] { return InjectFault("lock") ? -1 : fcntl(fd, F_SETLK, &lock); });
  if (locked == 0) return absl::OkStatus();
  if (errno == EACCES || errno == EAGAIN) {
    return absl::FailedPreconditionError("locked by another process");
  }
  return ErrnoStatus("lock");
}

absl::StatusOr<std::optional<pid_t>> WriteLockHolder(int fd) {
  // F_RDLCK: a write-type probe would name a reader's lock as well.
  struct flock lock = WholeFile(F_RDLCK);
  if (RetryOnEintr([&] { return fcntl(fd, F_GETLK, &lock); }) != 0) {
    return ErrnoStatus("look at the lock");
  }
  if (lock.l_type == F_UNLCK) return std::nullopt;
  return lock.l_pid;
}

absl::Status CheckLocks(const std::string& path) {
  CSA_ASSIGN_OR_RETURN(
      const UniqueFd fd,
      OpenAt(AT_FDCWD, absl::StrCat(path, "/."), O_TMPFILE | O_RDWR, 0600));
  return LockForWriting(fd.get());
}

absl::Status AwaitUnlocked(int fd) {
  struct flock lock = WholeFile(F_RDLCK);
  if (RetryOnEintr([&] { return fcntl(fd, F_SETLKW, &lock); }) != 0) {
    return ErrnoStatus("wait for the lock");
  }
  return absl::OkStatus();
}

}  // namespace csa
