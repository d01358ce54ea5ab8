// errno as absl::Status.

#ifndef CSA_COMMON_OS_ERRNO_STATUS_H_
#define CSA_COMMON_OS_ERRNO_STATUS_H_

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace csa {

// What csa needs: close_range(2) is the youngest of its system calls.
inline constexpr char kMinimumKernel[] = "Linux 5.9";

// "<what>: <text of the error number>", with the code that
// absl::ErrnoToStatusCode gives: ENOENT and ESRCH are NotFound, EEXIST is
// AlreadyExists, EACCES and EPERM are PermissionDenied, EMFILE and ENOMEM
// ResourceExhausted. But what does not fit is OutOfRange: not only EFBIG, also
// ENOSPC and EDQUOT. `what` names the operation and its object, "open /x/y".
// ENOSYS, a system call that the kernel has not, names kMinimumKernel as well.
absl::Status ErrnoStatus(absl::string_view what, int error_number = errno);

// `status` with `object`, what it is about, and a colon in front of its
// message. OK stays OK.
absl::Status Named(absl::string_view object, const absl::Status& status);

// Calls `call` again for as long as it returns -1 with EINTR.
template <typename Call>
auto RetryOnEintr(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

}  // namespace csa

#endif  // CSA_COMMON_OS_ERRNO_STATUS_H_
