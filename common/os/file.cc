#include "common/os/file.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/os/errno_status.h"
#include "common/os/fault_point.h"
#include "common/os/poll.h"

namespace csa {
namespace {

// What is read at once: of a log, and, on the stack, of a file that is read
// whole, which most often is short.
constexpr size_t kChunk = size_t{64} * 1024;
constexpr size_t kWholeFileChunk = size_t{8} * 1024;

absl::Status TooLong(uint64_t limit) {
  return absl::OutOfRangeError(absl::StrCat("longer than ", limit, " bytes"));
}

// Calls `call`, a read or a write on `fd`, until it does something. Whoever
// started us may have left a standard stream in non-blocking mode.
template <typename Call>
ssize_t Transfer(int fd, short events, Call call) {
  while (true) {
    const ssize_t moved = RetryOnEintr(call);
    if (moved >= 0 || errno != EAGAIN) return moved;
    pollfd descriptor = {.fd = fd, .events = events, .revents = 0};
    if (!PollUntil(absl::MakeSpan(&descriptor, 1), absl::InfiniteFuture())
             .ok()) {
      return -1;
    }
  }
}

ssize_t ReadSome(int fd, char* to, size_t size) {
  return Transfer(fd, POLLIN, [&] { return read(fd, to, size); });
}

// Opens `path` for reading, with O_CLOEXEC and O_NOCTTY added to `flags`.
absl::StatusOr<UniqueFd> OpenFollowing(const std::string& path, int flags) {
  const int fd = RetryOnEintr([&] {
    return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
  });
  if (fd < 0) return ErrnoStatus(absl::StrCat("open ", path));
  return UniqueFd(fd);
}

absl::Status CheckRegular(int fd, const std::string& name) {
  struct stat status;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(name, ": is no regular file"));
}

absl::StatusOr<std::string> ReadNamed(const std::string& name, int fd,
                                      size_t limit) {
  absl::StatusOr<std::string> bytes = ReadAll(fd, limit);
  if (!bytes.ok()) return Named(name, bytes.status());
  return bytes;
}

}  // namespace

absl::StatusOr<UniqueFd> OpenAt(int directory, const std::string& name,
                                int flags, mode_t mode) {
  const int all_flags = flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
  const int fd = RetryOnEintr([&] {
    if ((flags & O_CREAT) != 0 && InjectFault("create")) return -1;
    return openat(directory, name.c_str(), all_flags, mode);
  });
  if (fd < 0) return ErrnoStatus(absl::StrCat("open ", name));
  return UniqueFd(fd);
}

absl::StatusOr<UniqueFd> OpenNamedByUser(const std::string& path) {
  return OpenFollowing(path, 0);
}

absl::StatusOr<FileIdentity> IdentityOf(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return ErrnoStatus("stat");
  return FileIdentity{.device = status.st_dev, .inode = status.st_ino};
}

absl::StatusOr<FileIdentity> IdentityAt(int directory,
                                        const std::string& name) {
  struct stat status;
  if (fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(absl::StrCat("stat ", name));
  }
  return FileIdentity{.device = status.st_dev, .inode = status.st_ino};
}

absl::StatusOr<UniqueFd> OpenUnlessSame(int directory, const std::string& name,
                                        const FileIdentity& but_not) {
  // An O_PATH descriptor takes part in no locking, and opens no device.
  CSA_ASSIGN_OR_RETURN(const UniqueFd path, OpenAt(directory, name, O_PATH));
  struct stat status;
  if (fstat(path.get(), &status) != 0) return ErrnoStatus("stat");
  if (!S_ISREG(status.st_mode) ||
      FileIdentity{status.st_dev, status.st_ino} == but_not) {
    return absl::FailedPreconditionError(absl::StrCat(name, ": not to open"));
  }
  // The link below /proc/self/fd leads to that very file.
  const std::string link = absl::StrCat("/proc/self/fd/", path.get());
  // Not held up by a lease on it: EWOULDBLOCK, fcntl(2).
  const int fd = RetryOnEintr(
      [&] { return open(link.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
  if (fd < 0) return ErrnoStatus(absl::StrCat("open ", name));
  return UniqueFd(fd);
}

bool ExistsAt(int directory, const std::string& name) {
  return faccessat(directory, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

absl::StatusOr<int64_t> SizeOf(int directory, const std::string& name) {
  struct stat status;
  if (fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(absl::StrCat("stat ", name));
  }
  return status.st_size;
}

absl::StatusOr<std::string> ReadAll(int fd, size_t limit) {
  std::string bytes;
  std::array<char, kWholeFileChunk> chunk;
  while (true) {
    // One byte more than allowed tells a full file from one that is too long.
    const size_t want = std::min(chunk.size(), limit + 1 - bytes.size());
    const ssize_t got = ReadSome(fd, chunk.data(), want);
    if (got < 0) return ErrnoStatus("read");
    if (got == 0) return bytes;
    bytes.append(chunk.data(), static_cast<size_t>(got));
    if (bytes.size() > limit) return TooLong(limit);
  }
}

absl::StatusOr<UniqueFd> OpenRegularAt(int directory, const std::string& name,
                                       int access) {
  CSA_ASSIGN_OR_RETURN(UniqueFd fd,
                       OpenAt(directory, name, access | O_NONBLOCK));
  CSA_RETURN_IF_ERROR(CheckRegular(fd.get(), name));
  return fd;
}

absl::StatusOr<std::string> ReadFileAt(int directory, const std::string& name,
                                       size_t limit) {
  CSA_ASSIGN_OR_RETURN(const UniqueFd fd, OpenRegularAt(directory, name));
  return ReadNamed(name, fd.get(), limit);
}

absl::StatusOr<std::string> ReadFileNamedByUser(const std::string& path,
                                                size_t limit) {
  CSA_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFollowing(path, O_NONBLOCK));
  CSA_RETURN_IF_ERROR(CheckRegular(fd.get(), path));
  return ReadNamed(path, fd.get(), limit);
}

absl::StatusOr<std::string> ReadTailAt(int directory, const std::string& name,
                                       size_t limit) {
  CSA_ASSIGN_OR_RETURN(const UniqueFd fd, OpenRegularAt(directory, name));
  const off_t size = lseek(fd.get(), 0, SEEK_END);
  const off_t start = std::max<off_t>(0, size - static_cast<off_t>(limit));
  if (size < 0 || lseek(fd.get(), start, SEEK_SET) < 0) {
    return ErrnoStatus(absl::StrCat("seek in ", name));
  }
  // It may grow meanwhile: that much, and no more.
  std::string bytes(static_cast<size_t>(size - start), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got =
        ReadSome(fd.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0) return ErrnoStatus(absl::StrCat("read ", name));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

bool HasHungUp(int fd) {
  const int error = errno;
  pollfd descriptor = {.fd = fd, .events = 0, .revents = 0};
  const bool hung_up =
      poll(&descriptor, 1, 0) == 1 && (descriptor.revents & POLLHUP) != 0;
  errno = error;
  return hung_up;
}

absl::Status WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = Transfer(fd, POLLOUT, [&]() -> ssize_t {
      if (InjectFault("write")) return -1;
      return write(fd, bytes.data(), WriteSize(bytes.size()));
    });
    if (written < 0 && (errno == EPIPE || (errno == EIO && HasHungUp(fd)))) {
      return absl::AbortedError("write: nobody is left to read");
    }
    if (written < 0) return ErrnoStatus("write");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status CreateFileAt(int directory, const std::string& name,
                          absl::string_view bytes) {
  CSA_ASSIGN_OR_RETURN(
      const UniqueFd fd,
      OpenAt(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600));
  const absl::Status written = WriteAll(fd.get(), bytes);
  if (!written.ok()) {
    if (!InjectFault("unlink")) unlinkat(directory, name.c_str(), 0);
    return Named(name, written);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> CopyAll(int from, int to, uint64_t limit) {
  // Not on the stack, which the caller may have limited.
  std::string buffer(kChunk, '\0');
  uint64_t copied = 0;
  while (true) {
    const ssize_t got = ReadSome(from, buffer.data(), buffer.size());
    if (got < 0) return ErrnoStatus("read");
    if (got == 0) return copied;
    const uint64_t size = std::min(static_cast<uint64_t>(got), limit - copied);
    CSA_RETURN_IF_ERROR(WriteAll(to, {buffer.data(), size}));
    copied += size;
    if (size < static_cast<uint64_t>(got)) return TooLong(limit);
  }
}

absl::StatusOr<std::string> ReadPart(int fd, size_t limit) {
  std::string part(std::min(limit, kChunk), '\0');
  const ssize_t got = ReadSome(fd, part.data(), part.size());
  if (got < 0) return ErrnoStatus("read");
  part.resize(static_cast<size_t>(got));
  return part;
}

absl::StatusOr<uint64_t> RemainingIn(int fd) {
  struct stat status;
  const off_t offset = lseek(fd, 0, SEEK_CUR);
  if (fstat(fd, &status) != 0 || offset < 0) return ErrnoStatus("stat");
  return static_cast<uint64_t>(std::max<off_t>(status.st_size - offset, 0));
}

absl::Status Rewind(int fd) {
  if (lseek(fd, 0, SEEK_SET) < 0) return ErrnoStatus("lseek");
  return absl::OkStatus();
}

absl::Status RewindIfTruncated(int fd) {
  struct stat status;
  const off_t offset = lseek(fd, 0, SEEK_CUR);
  if (fstat(fd, &status) != 0 || offset < 0) return ErrnoStatus("stat");
  if (status.st_size < offset && lseek(fd, 0, SEEK_SET) < 0) {
    return ErrnoStatus("seek");
  }
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> OpenInMemory(absl::string_view bytes) {
  UniqueFd fd(InjectFault("memfd_create") ? -1
                                          : memfd_create("csa", MFD_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus("create a file in memory");
  CSA_RETURN_IF_ERROR(WriteAll(fd.get(), bytes));
  if (lseek(fd.get(), 0, SEEK_SET) < 0) return ErrnoStatus("seek");
  return fd;
}

}  // namespace csa
