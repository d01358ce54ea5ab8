// Waiting for a session, and telling how it ended.

#ifndef CSA_TOOLS_WAIT_WAIT_H_
#define CSA_TOOLS_WAIT_WAIT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cli/exit_status.h"
#include "common/session/session_directory.h"
#include "common/session/session_state.h"

namespace csa {

// The longest that csa-wait waits. There is no option for it: an orchestrating
// agent must get control back while its prompt cache is warm.
inline constexpr absl::Duration kLongestWait = absl::Seconds(250);

// How much of the session's output is printed.
struct OutputExtent {
  bool none = false;
  std::optional<int64_t> last_lines;  // all of it when there is no number
};

// Blocks until `session` has ended or MonotonicNow() is `timeout` later. Prints
// its output, or one JSON object, as the result, and a directive with how it
// ended beside it. Returns its exit_code, 1 in the place of 124; kNo when it is
// lost; kNotFinished at the timeout.
absl::StatusOr<ExitStatus> Wait(const SessionDirectory& session,
                                absl::Duration timeout, OutputExtent extent);

}  // namespace csa

#endif  // CSA_TOOLS_WAIT_WAIT_H_
