#include "tools/attach/log_follower.h"

#include <fcntl.h>

#include <limits>

#include "common/base/status_macros.h"
#include "common/os/file.h"

namespace csa {

absl::StatusOr<LogFollower> LogFollower::Open(int directory,
                                              const std::string& name, int to) {
  CSA_ASSIGN_OR_RETURN(UniqueFd log, OpenAt(directory, name, O_RDONLY));
  return LogFollower(std::move(log), to);
}

absl::Status LogFollower::CopyNew() {
  constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();
  CSA_RETURN_IF_ERROR(RewindIfTruncated(log_.get()));
  return CopyAll(log_.get(), to_, kNoLimit).status();
}

}  // namespace csa
