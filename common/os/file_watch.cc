#include "common/os/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/os/errno_status.h"
#include "common/os/fault_point.h"

namespace csa {
namespace {

absl::Status WatchStatus() {
  absl::Status status = ErrnoStatus("watch a file");
  // EMFILE for instances, ENOSPC for watches.
  if (errno != EMFILE && errno != ENOSPC) return status;
  return absl::ResourceExhaustedError(status.message());
}

}  // namespace

absl::StatusOr<FileWatch> FileWatch::Open(const std::vector<int>& fds) {
  UniqueFd watch(InjectFault("inotify_init1")
                     ? -1
                     : inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watch.valid()) return WatchStatus();
  for (const int fd : fds) {
    // The link leads to the open file, whatever its path is by now.
    const std::string path = absl::StrCat("/proc/self/fd/", fd);
    if (inotify_add_watch(watch.get(), path.c_str(), IN_MODIFY) < 0) {
      return WatchStatus();
    }
  }
  return FileWatch(std::move(watch));
}

void FileWatch::Drain() const {
  std::array<char, 4096> events;
  while (RetryOnEintr([&] {
           return read(fd_.get(), events.data(), events.size());
         }) > 0) {
  }
}

}  // namespace csa
