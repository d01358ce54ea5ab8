// Hearing of it when files are written to: inotify(7).

#ifndef CSA_COMMON_OS_FILE_WATCH_H_
#define CSA_COMMON_OS_FILE_WATCH_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/os/unique_fd.h"

namespace csa {

class FileWatch {
 public:
  // Watches the files that `fds` are open on. ResourceExhausted when the user
  // has no inotify instance or watch left (fs.inotify.max_user_instances).
  static absl::StatusOr<FileWatch> Open(const std::vector<int>& fds);

  // Readable (POLLIN) when one of them has been written to or truncated.
  int fd() const { return fd_.get(); }

  // Forgets what has happened so far. Does not block.
  void Drain() const;

 private:
  explicit FileWatch(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace csa

#endif  // CSA_COMMON_OS_FILE_WATCH_H_
