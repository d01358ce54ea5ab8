// UTF-8: judged as by a decoder that looks at code points.

#include "common/base/utf8.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

// `code` in UTF-8, if it is a character; "" otherwise.
std::string Encode(uint32_t code) {
  const auto byte = [](uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](int shift) {
    return byte(0x80 | (code >> shift & 63));
  };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | code >> 6), tail(0)};
  if (code >= 0xD800 && code < 0xE000) return "";
  if (code < 0x10000) return {byte(0xE0 | code >> 12), tail(6), tail(0)};
  if (code >= 0x110000) return "";
  return {byte(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

// The code point that the first `length` bytes carry, as if they were
// well-formed.
uint32_t Decode(absl::string_view text, size_t length) {
  const auto lead = static_cast<uint8_t>(text[0]);
  uint32_t code = length == 1 ? lead : lead & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    code = code << 6 | (static_cast<uint8_t>(text[i]) & 63U);
  }
  return code;
}

// How long the character is that `text` begins with: the bytes are those that
// its code point is written with. 0 when there is none.
size_t CharacterLength(absl::string_view text) {
  for (size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (Encode(Decode(text, length)) == text.substr(0, length)) return length;
  }
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  size_t bad = 0;
  size_t characters = 0;
  for (size_t at = 0; at < size; ++characters) {
    const absl::string_view rest = text.substr(at);
    const size_t length = csa::Utf8CharacterLength(rest);
    csa::Require(length == CharacterLength(rest));
    if (length == 0) ++bad;
    at += length == 0 ? 1 : length;
  }
  const std::string valid = csa::ReplaceInvalidUtf8(text);
  // Three bytes in the place of one.
  csa::Require(valid.size() == size + 2 * bad);
  csa::Require(bad > 0 || valid == text);
  csa::Require(csa::ReplaceInvalidUtf8(valid) == valid);
  csa::Require(csa::Utf8Prefix(valid, characters) == valid);
  if (characters == 0) return 0;
  const size_t fewer = data[0] % characters;
  const absl::string_view prefix = csa::Utf8Prefix(valid, fewer);
  csa::Require(valid.substr(0, prefix.size()) == prefix);
  csa::Require(csa::ReplaceInvalidUtf8(prefix) == prefix);
  const size_t next =
      csa::Utf8CharacterLength(absl::string_view(valid).substr(prefix.size()));
  csa::Require(csa::Utf8Prefix(valid, fewer + 1).size() ==
               prefix.size() + next);
  return 0;
}
