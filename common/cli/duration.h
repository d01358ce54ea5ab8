// Durations as users write them.

#ifndef CSA_COMMON_CLI_DURATION_H_
#define CSA_COMMON_CLI_DURATION_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace csa {

// "90", "90s", "1h30m", "500ms", "2.5m", "7d", "1d12h": a bare number is
// seconds, a day has 24 hours. What is zero, negative or infinite is
// InvalidArgument.
absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view text);

// For people, in two units at most: "340ms", "12s", "3m05s", "2h03m", "4d02h".
// A negative one, where the clock was set back, is "0ms".
std::string FormatShortDuration(absl::Duration duration);

// The value of an option that takes such a duration, or nothing where it is
// not given.
struct TimeoutOption {
  std::optional<absl::Duration> value;
};
bool AbslParseFlag(absl::string_view text, TimeoutOption* option,
                   std::string* error);
std::string AbslUnparseFlag(const TimeoutOption& option);

}  // namespace csa

#endif  // CSA_COMMON_CLI_DURATION_H_
