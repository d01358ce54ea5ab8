#include "common/session/timestamp.h"

#include "absl/strings/str_cat.h"

namespace csa {

std::string FormatTimestamp(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseTimestamp(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return absl::DataLossError(absl::StrCat("no RFC 3339 time: ", error));
  }
  // Abseil has words for these two, which RFC 3339 has not.
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return absl::DataLossError("no RFC 3339 time: it is infinite");
  }
  return time;
}

}  // namespace csa
