#include "common/cli/duration.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace csa {
namespace {

// As absl::ParseDuration, which knows of no days: here they may stand first.
bool ParseWithDays(absl::string_view text, absl::Duration& duration) {
  constexpr absl::string_view kNumber = "0123456789.";
  constexpr int kHoursPerDay = 24;
  const size_t day = text.find_first_not_of(kNumber);
  if (day == text.npos || text[day] != 'd') {
    return absl::ParseDuration(text, &duration);
  }
  const std::string number(text.substr(0, day));
  text.remove_prefix(day + 1);
  absl::Duration days;
  absl::Duration rest;
  if (!absl::ParseDuration(number + "h", &days)) return false;
  // A sign in the middle is none of a duration's.
  if (!text.empty() && (kNumber.find(text[0]) == kNumber.npos ||
                        !absl::ParseDuration(text, &rest))) {
    return false;
  }
  duration = kHoursPerDay * days + rest;
  return true;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view text) {
  std::string with_unit(text);
  if (!text.empty() &&
      absl::ascii_isdigit(static_cast<unsigned char>(text.back()))) {
    with_unit.push_back('s');
  }
  absl::Duration duration;
  if (!ParseWithDays(with_unit, duration) || duration <= absl::ZeroDuration() ||
      duration == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", absl::CHexEscape(text), "' is no duration: give a number of ",
        "seconds above 0, or something like 7d, 1h30m, 5m, 90s or 500ms"));
  }
  return duration;
}

std::string FormatShortDuration(absl::Duration duration) {
  duration = std::max(duration, absl::ZeroDuration());
  if (duration < absl::Seconds(1)) {
    return absl::StrCat(absl::ToInt64Milliseconds(duration), "ms");
  }
  const int64_t seconds = absl::ToInt64Seconds(duration);
  const int64_t minutes = seconds / 60;
  const int64_t hours = minutes / 60;
  const int64_t days = hours / 24;
  if (minutes == 0) return absl::StrCat(seconds, "s");
  if (hours == 0) return absl::StrFormat("%dm%02ds", minutes, seconds % 60);
  if (days == 0) return absl::StrFormat("%dh%02dm", hours, minutes % 60);
  return absl::StrFormat("%dd%02dh", days, hours % 24);
}

bool AbslParseFlag(absl::string_view text, TimeoutOption* option,
                   std::string* error) {
  const absl::StatusOr<absl::Duration> duration = ParseTimeout(text);
  if (duration.ok()) {
    option->value = *duration;
  } else {
    *error = std::string(duration.status().message());
  }
  return duration.ok();
}

std::string AbslUnparseFlag(const TimeoutOption& option) {
  return option.value.has_value() ? absl::FormatDuration(*option.value) : "";
}

}  // namespace csa
