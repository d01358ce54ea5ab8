// Copying a growing log.

#ifndef CSA_TOOLS_ATTACH_LOG_FOLLOWER_H_
#define CSA_TOOLS_ATTACH_LOG_FOLLOWER_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/os/unique_fd.h"

namespace csa {

class LogFollower {
 public:
  // Follows the log `name` in `directory` from its beginning; `to` is the
  // descriptor that it is copied to, which stays the caller's.
  static absl::StatusOr<LogFollower> Open(int directory,
                                          const std::string& name, int to);

  int fd() const { return log_.get(); }

  // Where it is copied to, while there is something to copy; else -1, which
  // poll(2) passes over.
  int target() const { return behind_ ? to_ : -1; }

  // The log may have been written to.
  void Changed() { behind_ = true; }

  // Copies a part of what is new, no more than a pipe takes without blocking
  // when poll(2) calls it writable. A log that has become shorter is copied
  // from its beginning. Errors as WriteAll.
  absl::Status CopyPart();

 private:
  LogFollower(UniqueFd log, int to) : log_(std::move(log)), to_(to) {}

  UniqueFd log_;  // its offset is how much has been copied
  int to_;
  bool behind_ = true;
};

}  // namespace csa

#endif  // CSA_TOOLS_ATTACH_LOG_FOLLOWER_H_
