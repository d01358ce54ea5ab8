// Reading a growing log.

#ifndef CSA_COMMON_SESSION_LOG_FOLLOWER_H_
#define CSA_COMMON_SESSION_LOG_FOLLOWER_H_

#include <cstddef>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/os/unique_fd.h"

namespace csa {

class LogFollower {
 public:
  // Takes what it is given where it belongs. Its errors end the following.
  using Sink = std::function<absl::Status(absl::string_view)>;

  // Follows `log`, an open regular file, from its present offset. `to` is the
  // descriptor that `sink` writes to, which stays the caller's.
  LogFollower(UniqueFd log, int to, Sink sink)
      : log_(std::move(log)), to_(to), sink_(std::move(sink)) {}

  int fd() const { return log_.get(); }

  // Where it goes to.
  int target() const { return to_; }

  // Whether there may be something to read.
  bool behind() const { return behind_; }

  // The log may have been written to.
  void Changed() { behind_ = true; }

  // Gives a part of what is new to the sink, no more than a pipe takes without
  // blocking when poll(2) calls it writable. A log that has become shorter is
  // read from its beginning.
  absl::Status CopyPart();

  // Gives it all that there is at the time of the call, and no more: the sink
  // may lead to the log itself.
  absl::Status CopyPresent();

 private:
  UniqueFd log_;  // its offset is how much has been read
  int to_;
  Sink sink_;
  bool behind_ = true;
};

}  // namespace csa

#endif  // CSA_COMMON_SESSION_LOG_FOLLOWER_H_
