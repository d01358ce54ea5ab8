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

  // Copies what has been written since. A log that has become shorter is copied
  // from its beginning. Errors as CopyAll.
  absl::Status CopyNew();

 private:
  LogFollower(UniqueFd log, int to) : log_(std::move(log)), to_(to) {}

  UniqueFd log_;  // its offset is how much has been copied
  int to_;
};

}  // namespace csa

#endif  // CSA_TOOLS_ATTACH_LOG_FOLLOWER_H_
