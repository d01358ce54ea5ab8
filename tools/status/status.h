// What is known of a session at one moment.

#ifndef CSA_TOOLS_STATUS_STATUS_H_
#define CSA_TOOLS_STATUS_STATUS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/session/session_directory.h"
#include "common/session/session_state.h"

namespace csa {

struct Observation {
  std::string id;
  SessionState state;
  absl::Duration age;  // since it was started
  // Since it has written anything; nothing where it has not, or has ended.
  std::optional<absl::Duration> idle;
  // Of all its processes, nested sessions' too; nothing where they cannot be
  // seen, or it has ended.
  std::optional<size_t> processes;
  std::optional<int64_t> memory;  // bytes, of those that may be looked at
};

// Looks at `session` and its processes. `now` is the wall clock. Does not
// block. Errors as ReadState.
absl::StatusOr<Observation> Observe(const SessionDirectory& session,
                                    absl::Time now);

// For people and scripts: "ID running, pid 77, for 5m03s, …" or "ID success,
// exit code 0, …".
std::string FormatObservation(const Observation& observation);

// One JSON object: docs/json.md. What is not known is null.
std::string FormatObservationJson(const Observation& observation);

}  // namespace csa

#endif  // CSA_TOOLS_STATUS_STATUS_H_
