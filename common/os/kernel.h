// What the kernel is, and whether it has the younger calls that csa makes.

#ifndef CSA_COMMON_OS_KERNEL_H_
#define CSA_COMMON_OS_KERNEL_H_

#include <string>

#include "absl/status/status.h"

namespace csa {

// Its name and release, "Linux 6.1.0-18-amd64": uname(2).
std::string KernelRelease();

// Whether there is close_range(2). Closes nothing. Unimplemented where there is
// none.
absl::Status CheckCloseRange();

// Whether there is renameat2(2), which takes RENAME_NOREPLACE. Renames nothing.
// Unimplemented where there is none.
absl::Status CheckRenameNoReplace();

}  // namespace csa

#endif  // CSA_COMMON_OS_KERNEL_H_
