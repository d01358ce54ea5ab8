// UTF-8, as The Unicode Standard, table 3-7, has it: no overlong forms, no
// surrogates, nothing beyond U+10FFFF.

#ifndef CSA_COMMON_BASE_UTF8_H_
#define CSA_COMMON_BASE_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace csa {

// The length in bytes of the character that `text` begins with, 1 to 4; 0 when
// it begins with none, or is empty.
size_t Utf8CharacterLength(absl::string_view text);

// `text` with U+FFFD in the place of each byte that is no part of a character.
std::string ReplaceInvalidUtf8(absl::string_view text);

// The first `count` characters of `text`, which is valid UTF-8.
absl::string_view Utf8Prefix(absl::string_view text, size_t count);

// `text` as it can be shown on one line of a terminal: each byte of a control
// character (U+0000 to U+001F, U+007F to U+009F), of one of `others`, and each
// that is no part of a character, as "\\xNN".
std::string EscapeForDisplay(absl::string_view text,
                             absl::string_view others = "");

// `text`, which is valid UTF-8, with blanks in the place of control characters.
std::string BlankControls(absl::string_view text);

}  // namespace csa

#endif  // CSA_COMMON_BASE_UTF8_H_
