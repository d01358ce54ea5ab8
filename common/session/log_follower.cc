#include "common/session/log_follower.h"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <string>

#include "common/base/status_macros.h"
#include "common/os/file.h"

namespace csa {

absl::Status LogFollower::CopyPart() {
  CSA_RETURN_IF_ERROR(RewindIfTruncated(log_.get()));
  CSA_ASSIGN_OR_RETURN(const std::string part, ReadPart(log_.get(), PIPE_BUF));
  behind_ = !part.empty();
  return sink_(part);
}

absl::Status LogFollower::CopyPresent() {
  constexpr uint64_t kChunk = uint64_t{64} << 10;
  CSA_ASSIGN_OR_RETURN(uint64_t left, RemainingIn(log_.get()));
  while (left > 0) {
    CSA_ASSIGN_OR_RETURN(
        const std::string part,
        ReadPart(log_.get(), static_cast<size_t>(std::min(left, kChunk))));
    // It was cut meanwhile.
    if (part.empty()) break;
    CSA_RETURN_IF_ERROR(sink_(part));
    left -= part.size();
  }
  return absl::OkStatus();
}

}  // namespace csa
