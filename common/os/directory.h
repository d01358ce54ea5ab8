// Directories: making, opening, listing, measuring, renaming, removing.

#ifndef CSA_COMMON_OS_DIRECTORY_H_
#define CSA_COMMON_OS_DIRECTORY_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/os/unique_fd.h"

namespace csa {

// Opens the directory `name` below `parent` (or AT_FDCWD) for use with the …at
// calls. The last component is not followed when it is a symbolic link.
// PermissionDenied unless it belongs to the effective user and nobody else may
// write to it.
absl::StatusOr<UniqueFd> OpenOwnDirectory(int parent, const std::string& name);

// Makes the directory `path` and all above it that are missing, mode 0700 less
// the umask. One that exists is left as it is.
absl::Status MakeDirectories(const std::string& path);

// Makes the directory `name` below `parent`, mode 0700 less the umask.
// AlreadyExists when there is one.
absl::Status MakeDirectoryAt(int parent, const std::string& name);

// Calls `entry` with each name in `directory` but "." and "..", in no order,
// until it returns false.
absl::Status ListDirectory(int directory,
                           absl::FunctionRef<bool(absl::string_view)> entry);

// The same for a directory that is of no use afterwards. Takes no descriptor
// besides.
absl::Status ListDirectory(UniqueFd directory,
                           absl::FunctionRef<bool(absl::string_view)> entry);

// Gives `from` the name `to` in the same directory, in one step. AlreadyExists
// when `to` is taken: renameat2(2), RENAME_NOREPLACE. Where the file system
// knows no such flag (EINVAL), link(2) and unlink(2) do the same for a file,
// and rename(2), which replaces none but an empty one, for a directory.
absl::Status RenameNoReplace(int directory, const std::string& from,
                             const std::string& to);

// Gives `from` the name `to` in the same directory, over what is there.
absl::Status RenameReplacing(int directory, const std::string& from,
                             const std::string& to);

// Removes `name` and, if it is a directory, everything below it, however deep,
// with two descriptors. Symbolic links are removed, not followed. OK when there
// is nothing of that name, or somebody else removes it at the same time.
absl::Status RemoveTree(int parent, const std::string& name);

// Whether the caller may make files and directories in the directory `path`, or
// write to the file `path`, as far as modes and mounts tell: faccessat(2).
absl::Status CheckWritable(const std::string& path);

// The bytes that the caller may still use on the file system of `directory`:
// statvfs(3).
absl::StatusOr<int64_t> FreeSpace(int directory);

// The disk space in bytes that is allocated for `name` and, if it is a
// directory, for everything below it, `depth` levels down: st_blocks of
// stat(2). Takes a descriptor for each level. Symbolic links are not followed.
// NotFound when there is nothing of that name; what is removed below it
// meanwhile does not count.
absl::StatusOr<int64_t> DiskUsage(int parent, const std::string& name,
                                  int depth = 16);

// When something was last made, renamed or removed in `directory`, by the wall
// clock.
absl::StatusOr<absl::Time> ModificationTime(int directory);

// Makes the names in `directory` durable: fsync(2).
absl::Status SyncDirectory(int directory);

// The absolute path of the working directory, without symbolic links. NotFound
// when it has been removed.
absl::StatusOr<std::string> WorkingDirectory();

// The absolute path of `path`, without symbolic links: realpath(3).
absl::StatusOr<std::string> RealPath(const std::string& path);

// Makes `path` the working directory.
absl::Status EnterDirectory(const std::string& path);

}  // namespace csa

#endif  // CSA_COMMON_OS_DIRECTORY_H_
