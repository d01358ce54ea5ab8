#include "common/os/pid_fd.h"

#include <sys/syscall.h>

#include "absl/strings/str_cat.h"
#include "common/os/errno_status.h"
#include "common/os/fault_point.h"
#include "common/os/poll.h"

namespace csa {

absl::StatusOr<PidFd> PidFd::Open(pid_t pid) {
  if (pid < 1) {
    return absl::InvalidArgumentError(absl::StrCat("no process id: ", pid));
  }
  // The kernel sets close-on-exec by itself.
  const long fd =
      InjectFault("pidfd_open") ? -1 : syscall(SYS_pidfd_open, pid, 0);
  if (fd >= 0) return PidFd(UniqueFd(static_cast<int>(fd)));
  return ErrnoStatus(absl::StrCat("open process ", pid));
}

absl::Status PidFd::Signal(int signal) const {
  if (!InjectFault("pidfd_send_signal") &&
      syscall(SYS_pidfd_send_signal, fd_.get(), signal, nullptr, 0) == 0) {
    return absl::OkStatus();
  }
  return ErrnoStatus(absl::StrCat("send signal ", signal));
}

absl::StatusOr<bool> PidFd::AwaitDeath(absl::Time deadline) const {
  return AwaitReadable(fd_.get(), deadline);
}

}  // namespace csa
