// Files, always relative to an open directory.

#ifndef CSA_COMMON_OS_FILE_H_
#define CSA_COMMON_OS_FILE_H_

#include <fcntl.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/os/unique_fd.h"

namespace csa {

// openat(2) with O_CLOEXEC, O_NOFOLLOW and O_NOCTTY added to `flags`.
// `directory` may be AT_FDCWD.
absl::StatusOr<UniqueFd> OpenAt(int directory, const std::string& name,
                                int flags, mode_t mode = 0);

// Opens for reading what a user named: a symbolic link, or the pipe of a
// shell's <(…), is as good as a file.
absl::StatusOr<UniqueFd> OpenNamedByUser(const std::string& path);

// Which file a descriptor means, whatever its name.
struct FileIdentity {
  dev_t device;
  ino_t inode;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
absl::StatusOr<FileIdentity> IdentityOf(int fd);

// Which file the name means now. A symbolic link is not followed. NotFound when
// there is none.
absl::StatusOr<FileIdentity> IdentityAt(int directory, const std::string& name);

// Opens a regular file for reading unless it is `but_not`: not even for a
// moment, since closing a descriptor of a file drops the caller's locks on it.
// FailedPrecondition when it is that file, or none that is regular.
absl::StatusOr<UniqueFd> OpenUnlessSame(int directory, const std::string& name,
                                        const FileIdentity& but_not);

// Whether there is anything of that name. A symbolic link is not followed.
bool ExistsAt(int directory, const std::string& name);

// The size of a file in bytes. NotFound when there is none.
absl::StatusOr<int64_t> SizeOf(int directory, const std::string& name);

// The whole content of `fd`, from its present offset. OutOfRange when it is
// longer than `limit` bytes. Blocks as read(2) does; waits where the descriptor
// does not block.
absl::StatusOr<std::string> ReadAll(int fd, size_t limit);

// Opens a regular file, to read or as `access` says (O_WRONLY, O_RDWR).
// FailedPrecondition when it is none: nothing is waited for, as for the other
// end of a FIFO.
absl::StatusOr<UniqueFd> OpenRegularAt(int directory, const std::string& name,
                                       int access = O_RDONLY);

// The whole content of a regular file. OutOfRange when it is longer than
// `limit`; FailedPrecondition when it is none: nothing is waited for.
absl::StatusOr<std::string> ReadFileAt(int directory, const std::string& name,
                                       size_t limit);

// The same of what a user named, as OpenNamedByUser takes it: a symbolic link
// is followed.
absl::StatusOr<std::string> ReadFileNamedByUser(const std::string& path,
                                                size_t limit);

// The last `limit` bytes of a regular file, or all of it when it is shorter.
absl::StatusOr<std::string> ReadTailAt(int directory, const std::string& name,
                                       size_t limit);

// Writes all of `bytes`, however many calls of write(2) it takes; waits where
// the descriptor does not block. Aborted when nobody is left to read (EPIPE;
// the caller ignores SIGPIPE), or a terminal has hung up (EIO, pty(7)).
absl::Status WriteAll(int fd, absl::string_view bytes);

// Whether `fd`, a terminal, has hung up. Leaves errno as it was.
bool HasHungUp(int fd);

// Makes a file that must not exist yet, mode 0600, with `bytes` in it. A file
// that could not be written whole is removed again.
absl::Status CreateFileAt(int directory, const std::string& name,
                          absl::string_view bytes);

// Copies `from`, from its present offset to its end, to the present offset of
// `to`. Returns the number of bytes. Waits as ReadAll and WriteAll do; errors
// as theirs. OutOfRange when there are more than `limit` bytes; `to` has
// `limit` by then.
absl::StatusOr<uint64_t> CopyAll(int from, int to, uint64_t limit);

// What one read(2) gives, `limit` bytes at most; empty at the end of `fd`.
// Waits as ReadAll does.
absl::StatusOr<std::string> ReadPart(int fd, size_t limit);

// The number of bytes from the present offset of `fd`, a regular file, to its
// end.
absl::StatusOr<uint64_t> RemainingIn(int fd);

// Moves the offset of `fd`, a regular file, to the beginning.
absl::Status Rewind(int fd);

// Moves the offset of `fd` to the beginning if the file ends before it.
absl::Status RewindIfTruncated(int fd);

// A file in memory, without a name, for handing `bytes` on as an open
// descriptor: memfd_create(2), Linux 3.17. Its offset is 0.
absl::StatusOr<UniqueFd> OpenInMemory(absl::string_view bytes);

}  // namespace csa

#endif  // CSA_COMMON_OS_FILE_H_
