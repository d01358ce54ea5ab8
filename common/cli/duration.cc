#include "common/cli/duration.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace csa {

absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view text) {
  std::string with_unit(text);
  if (!text.empty() &&
      absl::ascii_isdigit(static_cast<unsigned char>(text.back()))) {
    with_unit.push_back('s');
  }
  absl::Duration duration;
  if (!absl::ParseDuration(with_unit, &duration) ||
      duration <= absl::ZeroDuration() ||
      duration == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", absl::CHexEscape(text), "' is no duration: give a number of ",
        "seconds above 0, or something like 1h30m, 5m, 90s or 500ms"));
  }
  return duration;
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
