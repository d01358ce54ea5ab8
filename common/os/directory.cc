#include "common/os/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/errno_status.h"
#include "common/os/fault_point.h"
#include "common/os/file.h"
#include "common/os/random.h"

namespace csa {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using DirectoryStream = std::unique_ptr<DIR, CloseDirectory>;

absl::StatusOr<DirectoryStream> OpenStream(UniqueFd directory) {
  DirectoryStream stream(fdopendir(directory.get()));
  if (stream == nullptr) return ErrnoStatus("list directory");
  static_cast<void>(directory.Release());
  return stream;
}

absl::Status List(const DirectoryStream& stream,
                  absl::FunctionRef<bool(absl::string_view)> entry) {
  while (true) {
    errno = 0;
    const dirent* next = readdir(stream.get());
    if (next == nullptr) {
      return errno == 0 ? absl::OkStatus() : ErrnoStatus("list directory");
    }
    const absl::string_view name = next->d_name;
    if (name != "." && name != ".." && !entry(name)) return absl::OkStatus();
  }
}

// Removes a file or an empty directory. Returns whether it is gone, by whoever:
// false for a directory that is not empty.
absl::StatusOr<bool> RemoveShallow(int parent, const std::string& name) {
  if (!InjectFault("unlink") && unlinkat(parent, name.c_str(), 0) == 0) {
    return true;
  }
  if (errno == ENOENT) return true;
  if (errno != EISDIR) return ErrnoStatus(absl::StrCat("remove ", name));
  if (!InjectFault("rmdir") &&
      unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) {
    return true;
  }
  if (errno == ENOENT) return true;
  if (errno == ENOTEMPTY || errno == EEXIST) return false;
  return ErrnoStatus(absl::StrCat("remove directory ", name));
}

// All names in a directory: removing while listing may skip some.
absl::StatusOr<std::vector<std::string>> NamesIn(
    const DirectoryStream& stream) {
  std::vector<std::string> names;
  CSA_RETURN_IF_ERROR(List(stream, [&](absl::string_view name) {
    names.emplace_back(name);
    return true;
  }));
  return names;
}

absl::StatusOr<DirectoryStream> OpenStreamAt(int parent,
                                             const std::string& name) {
  CSA_ASSIGN_OR_RETURN(UniqueFd directory,
                       OpenAt(parent, name, O_RDONLY | O_DIRECTORY));
  return OpenStream(std::move(directory));
}

// Removes what is in the directory `name` below `top`, and moves the
// directories in it that are not empty up into `top`: however deep a tree is,
// its removal takes two descriptors.
absl::Status Hoist(const DirectoryStream& top, const std::string& name) {
  CSA_ASSIGN_OR_RETURN(const DirectoryStream stream,
                       OpenStreamAt(dirfd(top.get()), name));
  CSA_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(stream));
  for (const std::string& inner : names) {
    CSA_ASSIGN_OR_RETURN(const bool gone,
                         RemoveShallow(dirfd(stream.get()), inner));
    if (gone) continue;
    const std::string hoisted = absl::StrCat(absl::Hex(Random64()), ".up");
    if (!InjectFault("rename") &&
        renameat(dirfd(stream.get()), inner.c_str(), dirfd(top.get()),
                 hoisted.c_str()) == 0) {
      continue;
    }
    if (errno != ENOENT) return ErrnoStatus(absl::StrCat("move ", inner));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UniqueFd> OpenOwnDirectory(int parent, const std::string& name) {
  CSA_ASSIGN_OR_RETURN(UniqueFd fd,
                       OpenAt(parent, name, O_RDONLY | O_DIRECTORY));
  struct stat status;
  if (fstat(fd.get(), &status) != 0) {
    return ErrnoStatus(absl::StrCat("stat ", name));
  }
  if (status.st_uid != geteuid()) {
    return absl::PermissionDeniedError(
        absl::StrCat(name, ": belongs to user ", status.st_uid, ", not to ",
                     geteuid(), ", and is not used"));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        name, ": is writable by others, and not used; try chmod go-w"));
  }
  return fd;
}

absl::Status MakeDirectories(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const absl::Status made = MakeDirectoryAt(AT_FDCWD, path.substr(0, slash));
    // Whatever else is wrong with a directory higher up, the last one tells.
    if (!made.ok() && !absl::IsAlreadyExists(made)) break;
  }
  const absl::Status made = MakeDirectoryAt(AT_FDCWD, path);
  return absl::IsAlreadyExists(made) ? absl::OkStatus() : made;
}

absl::Status MakeDirectoryAt(int parent, const std::string& name) {
  if (!InjectFault("mkdir") && mkdirat(parent, name.c_str(), 0700) == 0) {
    return absl::OkStatus();
  }
  return ErrnoStatus(absl::StrCat("make directory ", name));
}

absl::Status ListDirectory(int directory,
                           absl::FunctionRef<bool(absl::string_view)> entry) {
  // A descriptor of its own: closedir closes it, and its offset moves.
  CSA_ASSIGN_OR_RETURN(UniqueFd fd,
                       OpenAt(directory, ".", O_RDONLY | O_DIRECTORY));
  return ListDirectory(std::move(fd), entry);
}

absl::Status ListDirectory(UniqueFd directory,
                           absl::FunctionRef<bool(absl::string_view)> entry) {
  CSA_ASSIGN_OR_RETURN(const DirectoryStream stream,
                       OpenStream(std::move(directory)));
  return List(stream, entry);
}

absl::Status RenameNoReplace(int directory, const std::string& from,
                             const std::string& to) {
  const std::string what = absl::StrCat("rename ", from, " to ", to);
  if (!InjectFault("rename") && renameat2(directory, from.c_str(), directory,
                                          to.c_str(), RENAME_NOREPLACE) == 0) {
    return absl::OkStatus();
  }
  if (errno != EINVAL) return ErrnoStatus(what);
  if (InjectFault("link") ||
      linkat(directory, from.c_str(), directory, to.c_str(), 0) != 0) {
    // EPERM: a directory. It only ever replaces an empty one.
    if (errno != EPERM || InjectFault("rename") ||
        renameat(directory, from.c_str(), directory, to.c_str()) != 0) {
      return ErrnoStatus(what);
    }
    return absl::OkStatus();
  }
  if (!InjectFault("unlink")) unlinkat(directory, from.c_str(), 0);
  return absl::OkStatus();
}

absl::Status RenameReplacing(int directory, const std::string& from,
                             const std::string& to) {
  if (!InjectFault("rename") &&
      renameat(directory, from.c_str(), directory, to.c_str()) == 0) {
    return absl::OkStatus();
  }
  return ErrnoStatus(absl::StrCat("rename ", from, " to ", to));
}

absl::Status RemoveTree(int parent, const std::string& name) {
  // Somebody else who removes the same may move something up behind a list.
  constexpr int kPasses = 8;
  for (int empty_passes = 0; empty_passes < kPasses;) {
    CSA_ASSIGN_OR_RETURN(const bool gone, RemoveShallow(parent, name));
    if (gone) return absl::OkStatus();
    const absl::StatusOr<DirectoryStream> top = OpenStreamAt(parent, name);
    if (absl::IsNotFound(top.status())) return absl::OkStatus();
    if (!top.ok()) return top.status();
    CSA_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(*top));
    if (names.empty()) ++empty_passes;
    for (const std::string& inner : names) {
      CSA_ASSIGN_OR_RETURN(const bool removed,
                           RemoveShallow(dirfd(top->get()), inner));
      if (removed) continue;
      absl::Status hoisted = Hoist(*top, inner);
      if (!hoisted.ok() && !absl::IsNotFound(hoisted)) return hoisted;
    }
  }
  return absl::FailedPreconditionError(
      absl::StrCat("remove directory ", name, ": somebody writes to it"));
}

absl::Status CheckWritable(const std::string& path) {
  if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0) {
    return absl::OkStatus();
  }
  return ErrnoStatus(absl::StrCat("write to ", path));
}

absl::StatusOr<int64_t> FreeSpace(int directory) {
  struct statvfs status;
  if (fstatvfs(directory, &status) != 0) return ErrnoStatus("statvfs");
  return static_cast<int64_t>(status.f_bavail * status.f_frsize);
}

absl::StatusOr<int64_t> DiskUsage(int parent, const std::string& name,
                                  int depth) {
  constexpr int64_t kBlockBytes = 512;  // whatever the file system's are
  struct stat status;
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(absl::StrCat("stat ", name));
  }
  int64_t bytes = status.st_blocks * kBlockBytes;
  if (!S_ISDIR(status.st_mode) || depth == 0) return bytes;
  CSA_ASSIGN_OR_RETURN(const DirectoryStream stream,
                       OpenStreamAt(parent, name));
  absl::Status failed;
  CSA_RETURN_IF_ERROR(List(stream, [&](absl::string_view entry) {
    const absl::StatusOr<int64_t> below =
        DiskUsage(dirfd(stream.get()), std::string(entry), depth - 1);
    bytes += below.value_or(0);
    if (!absl::IsNotFound(below.status())) failed = below.status();
    return failed.ok();
  }));
  CSA_RETURN_IF_ERROR(failed);
  return bytes;
}

absl::StatusOr<absl::Time> ModificationTime(int directory) {
  struct stat status;
  if (fstat(directory, &status) != 0) return ErrnoStatus("stat");
  return absl::TimeFromTimespec(status.st_mtim);
}

absl::Status SyncDirectory(int directory) {
  const int synced = RetryOnEintr(
      [&] { return InjectFault("fsync") ? -1 : fsync(directory); });
  if (synced == 0) return absl::OkStatus();
  return ErrnoStatus("sync directory");
}

absl::StatusOr<std::string> WorkingDirectory() {
  const std::unique_ptr<char, decltype(&free)> path(getcwd(nullptr, 0), &free);
  if (path == nullptr) return ErrnoStatus("find the working directory");
  return std::string(path.get());
}

absl::StatusOr<std::string> RealPath(const std::string& path) {
  std::string resolved(PATH_MAX, '\0');
  if (realpath(path.c_str(), resolved.data()) == nullptr) {
    return ErrnoStatus(absl::StrCat("resolve ", path));
  }
  resolved.resize(resolved.find('\0'));
  return resolved;
}

absl::Status EnterDirectory(const std::string& path) {
  if (chdir(path.c_str()) == 0) return absl::OkStatus();
  return ErrnoStatus(absl::StrCat("enter directory ", path));
}

}  // namespace csa
