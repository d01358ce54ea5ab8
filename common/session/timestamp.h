// Points in time as they stand in the files of a session.

#ifndef CSA_COMMON_SESSION_TIMESTAMP_H_
#define CSA_COMMON_SESSION_TIMESTAMP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace csa {

// RFC 3339 in UTC with milliseconds: 2026-03-01T08:15:30.250Z.
std::string FormatTimestamp(absl::Time time);

// Any time of RFC 3339. DataLoss when `text` is none.
absl::StatusOr<absl::Time> ParseTimestamp(absl::string_view text);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_TIMESTAMP_H_
