// POSIX record locks over a whole file: fcntl(2), "Advisory record locking".
//
// Such a lock belongs to the process, not to the descriptor. It is dropped when
// the process ends in whatever way, or closes *any* descriptor of the file, and
// a child does not inherit it. The kernel names the holder's pid.

#ifndef CSA_COMMON_OS_FILE_LOCK_H_
#define CSA_COMMON_OS_FILE_LOCK_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace csa {

// Takes a write lock on `fd`, open for writing, for this process, without
// blocking. FailedPrecondition when another process holds a lock on it.
absl::Status LockForWriting(int fd);

// The process that holds a write lock on `fd`, or nothing when it is free. A
// pid of 0 or less: the holder lives in another pid namespace or on another
// host; less than 0 may also mean that an open file description has the lock
// (F_OFD_SETLK). This process's own lock is never reported.
absl::StatusOr<std::optional<pid_t>> WriteLockHolder(int fd);

// Whether a file in the directory `path` can be locked: tries it with one that
// has no name (O_TMPFILE), of which nothing is left. Unimplemented where the
// file system has none such; other codes as open(2) and LockForWriting give.
absl::Status CheckLocks(const std::string& path);

// Blocks until no process holds a write lock on `fd`, open for reading. It does
// so by taking a read lock, which goes when the caller closes `fd`.
absl::Status AwaitUnlocked(int fd);

}  // namespace csa

#endif  // CSA_COMMON_OS_FILE_LOCK_H_
