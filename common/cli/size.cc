#include "common/cli/size.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace csa {

absl::StatusOr<int64_t> ParseSize(absl::string_view text) {
  constexpr absl::string_view kUnits = "KMGT";
  constexpr int kBitsPerUnit = 10;
  absl::string_view digits = text;
  const size_t unit =
      text.empty() ? kUnits.npos : kUnits.find(text[text.size() - 1]);
  int shift = 0;
  if (unit != kUnits.npos) {
    digits.remove_suffix(1);
    shift = kBitsPerUnit * static_cast<int>(unit + 1);
  }
  int64_t number = 0;
  // SimpleAtoi takes blanks and signs as well.
  if (!std::all_of(digits.begin(), digits.end(),
                   [](unsigned char c) { return absl::ascii_isdigit(c); }) ||
      !absl::SimpleAtoi(digits, &number) || number == 0 ||
      number > std::numeric_limits<int64_t>::max() >> shift) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", absl::CHexEscape(text), "' is no size: give a number of bytes ",
        "above 0, or something like 512M or 2G"));
  }
  return number << shift;
}

std::string FormatSize(int64_t bytes) {
  constexpr std::array<absl::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB",
                                                       "TiB"};
  constexpr double kStep = 1024;
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= kStep && unit + 1 < kUnits.size(); ++unit) value /= kStep;
  const int decimals = unit > 0 && value < 10 ? 1 : 0;
  return absl::StrFormat("%.*f %s", decimals, value, kUnits[unit]);
}

bool AbslParseFlag(absl::string_view text, SizeOption* option,
                   std::string* error) {
  const absl::StatusOr<int64_t> size = ParseSize(text);
  if (size.ok()) {
    option->value = *size;
  } else {
    *error = std::string(size.status().message());
  }
  return size.ok();
}

std::string AbslUnparseFlag(const SizeOption& option) {
  return option.value.has_value() ? absl::StrCat(*option.value) : "";
}

}  // namespace csa
