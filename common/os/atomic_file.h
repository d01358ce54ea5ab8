// A file that appears under its name once, whole, or not at all.

#ifndef CSA_COMMON_OS_ATOMIC_FILE_H_
#define CSA_COMMON_OS_ATOMIC_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace csa {

// How much of a file ReserveFile makes sure of.
inline constexpr size_t kReservedBytes = 4096;

// Takes kReservedBytes of disk space for the file `name` now, under the hidden
// name ".<name>", so that PublishFile will not fail for want of space:
// fallocate(2), or as many zeros where the file system lacks it. AlreadyExists
// when there is a reservation.
absl::Status ReserveFile(int directory, const std::string& name);

// Publishes `bytes` as `name`, mode 0600, in the space that was reserved for it
// if there is such, and makes it durable. AlreadyExists, and nothing changed,
// when there is a file of that name. Blocks for as long as fdatasync(2) and
// fsync(2) of the directory take; their failure is no error, since by then the
// file is there for all to see.
absl::Status PublishFile(int directory, const std::string& name,
                         absl::string_view bytes);

}  // namespace csa

#endif  // CSA_COMMON_OS_ATOMIC_FILE_H_
