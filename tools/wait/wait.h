// Waiting for a session, and telling how it ended.

#ifndef CSA_TOOLS_WAIT_WAIT_H_
#define CSA_TOOLS_WAIT_WAIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/cli/exit_status.h"
#include "common/session/session_directory.h"
#include "common/session/session_id.h"
#include "common/session/session_store.h"

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

// The sessions that `references` mean, each once, in that order. Errors as
// SessionStore::Find, and as CheckNotWithin.
absl::StatusOr<std::vector<SessionId>> FindEach(
    const SessionStore& store, absl::Span<const std::string> references);

// Blocks until all `sessions` of `store` have ended, or one of them where `any`
// is set, or MonotonicNow() is `timeout` later. Prints a line for each as it
// ends, "ID STATUS EXIT SUMMARY", unless `quiet` is set, or a JSON object.
// Returns the exit status of the first of them, in their order, that did not
// succeed, or of the one that ended; kNotFinished at the timeout, with a
// directive or a JSON object for each that is running.
absl::StatusOr<ExitStatus> WaitForSeveral(const SessionStore& store,
                                          absl::Span<const SessionId> sessions,
                                          absl::Duration timeout, bool any,
                                          bool quiet);

}  // namespace csa

#endif  // CSA_TOOLS_WAIT_WAIT_H_
