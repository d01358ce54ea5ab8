#include "tools/attach/log_follower.h"

#include <climits>
#include <cstdint>

#include "common/base/status_macros.h"
#include "common/os/file.h"

namespace csa {

absl::StatusOr<LogFollower> LogFollower::Open(int directory,
                                              const std::string& name, int to) {
  CSA_ASSIGN_OR_RETURN(UniqueFd log, OpenRegularAt(directory, name));
  return LogFollower(std::move(log), to);
}

absl::Status LogFollower::CopyPart() {
  CSA_RETURN_IF_ERROR(RewindIfTruncated(log_.get()));
  CSA_ASSIGN_OR_RETURN(const uint64_t copied,
                       csa::CopyPart(log_.get(), to_, PIPE_BUF));
  behind_ = copied > 0;
  return absl::OkStatus();
}

}  // namespace csa
