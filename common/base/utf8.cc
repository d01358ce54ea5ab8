#include "common/base/utf8.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace csa {
namespace {

// Whether `character`, one in UTF-8, is of the general category Cc.
bool IsControl(absl::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead < 0x20 || lead == 0x7F;
  return lead == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

}  // namespace

size_t Utf8CharacterLength(absl::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  // The second byte's range is what rules out the ill-formed ones.
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

std::string ReplaceInvalidUtf8(absl::string_view text) {
  constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t length = Utf8CharacterLength(text);
    const absl::string_view character =
        length == 0 ? kReplacement : text.substr(0, length);
    absl::StrAppend(&valid, character);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return valid;
}

absl::string_view Utf8Prefix(absl::string_view text, size_t count) {
  size_t end = 0;
  for (; count > 0 && end < text.size(); --count) {
    end += std::max<size_t>(Utf8CharacterLength(text.substr(end)), 1);
  }
  return text.substr(0, end);
}

std::string EscapeForDisplay(absl::string_view text, absl::string_view others) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const size_t length = Utf8CharacterLength(text);
    const absl::string_view character =
        text.substr(0, std::max<size_t>(length, 1));
    if (length == 0 || IsControl(character) ||
        absl::StrContains(others, character)) {
      for (const char byte : character) {
        absl::StrAppendFormat(&escaped, "\\x%02X",
                              static_cast<unsigned char>(byte));
      }
    } else {
      absl::StrAppend(&escaped, character);
    }
    text.remove_prefix(character.size());
  }
  return escaped;
}

std::string BlankControls(absl::string_view text) {
  std::string blanked;
  blanked.reserve(text.size());
  while (!text.empty()) {
    const absl::string_view character =
        text.substr(0, std::max<size_t>(Utf8CharacterLength(text), 1));
    absl::StrAppend(&blanked, IsControl(character) ? " " : character);
    text.remove_prefix(character.size());
  }
  return blanked;
}

}  // namespace csa
