#include "common/session/session_id.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/random.h"

namespace csa {
namespace {

constexpr absl::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kBitsPerDigit = 5;

// The lowest 5 × `count` bits of `bits`, highest digit first.
std::string Encode(uint64_t bits, int count) {
  std::string digits(static_cast<size_t>(count), '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    *digit = kDigits[bits % kDigits.size()];
    bits >>= kBitsPerDigit;
  }
  return digits;
}

}  // namespace

SessionId::SessionId(absl::string_view text) {
  std::copy_n(text.begin(), kLength, text_.begin());
}

SessionId SessionId::Generate(absl::Time now) {
  const auto milliseconds = static_cast<uint64_t>(absl::ToUnixMillis(now));
  return SessionId(absl::StrCat(Encode(milliseconds, 10), Encode(Random64(), 8),
                                Encode(Random64(), 8)));
}

absl::StatusOr<SessionId> SessionId::Parse(absl::string_view text) {
  CSA_ASSIGN_OR_RETURN(std::string digits, ParsePartOfSessionId(text));
  // 26 digits are 130 bits, of which the first two must be 0.
  if (digits.size() != kLength || digits[0] > '7') {
    return absl::InvalidArgumentError(
        absl::StrCat("'", absl::CHexEscape(text), "' is no session id"));
  }
  return SessionId(digits);
}

absl::string_view SessionId::short_text() const {
  constexpr size_t kShortLength = 8;
  return absl::string_view(text_.data(), kLength)
      .substr(kLength - kShortLength);
}

absl::Time SessionId::time() const {
  constexpr size_t kTimeLength = 10;
  int64_t milliseconds = 0;
  for (size_t i = 0; i < kTimeLength; ++i) {
    milliseconds = milliseconds << kBitsPerDigit |
                   static_cast<int64_t>(kDigits.find(text_[i]));
  }
  return absl::FromUnixMillis(milliseconds);
}

absl::StatusOr<std::string> ParsePartOfSessionId(absl::string_view text) {
  const std::string digits = absl::AsciiStrToUpper(text);
  const absl::string_view fault =
      digits.empty() ? "is empty"
      : digits.find_first_not_of(kDigits.data()) != digits.npos
          ? "has characters that no session id has"
      : digits.size() < SessionId::kShortestPart ? "is too short"
      : digits.size() > SessionId::kLength       ? "is too long"
                                                 : "";
  if (fault.empty()) return digits;
  return absl::InvalidArgumentError(absl::StrCat(
      "session id '", absl::CHexEscape(text), "' ", fault, ": give ",
      SessionId::kShortestPart, " to ", SessionId::kLength,
      " letters and digits from its beginning or end, or 'latest'"));
}

}  // namespace csa
