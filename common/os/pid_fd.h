// A reference to a process that cannot come to mean another one.

#ifndef CSA_COMMON_OS_PID_FD_H_
#define CSA_COMMON_OS_PID_FD_H_

#include <sys/types.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/os/unique_fd.h"

namespace csa {

// A pidfd: pidfd_open(2), Linux 5.3. It goes on to mean the process it was
// opened for when that has died and its pid has been given to another.
class PidFd {
 public:
  // NotFound when there is no process `pid`; InvalidArgument when pid < 1;
  // Unimplemented on a kernel before 5.3.
  static absl::StatusOr<PidFd> Open(pid_t pid);

  // Readable (POLLIN) once the process has died, be it reaped or not.
  int fd() const { return fd_.get(); }

  // pidfd_send_signal(2). NotFound when the process has been reaped; OK and
  // without effect on a zombie.
  absl::Status Signal(int signal) const;

  // Blocks until the process has died or `deadline` (MonotonicNow()) has come.
  // Returns whether it has died.
  absl::StatusOr<bool> AwaitDeath(absl::Time deadline) const;

 private:
  explicit PidFd(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace csa

#endif  // CSA_COMMON_OS_PID_FD_H_
