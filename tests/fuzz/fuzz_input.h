// What the fuzz targets share.

#ifndef CSA_TESTS_FUZZ_FUZZ_INPUT_H_
#define CSA_TESTS_FUZZ_FUZZ_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace csa {

// The input as text.
inline absl::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The input as a list of texts. Its first byte stands between them, so that
// every other byte can stand in them.
inline std::vector<std::string> PiecesOf(const uint8_t* data, size_t size) {
  const absl::string_view text = TextOf(data, size);
  if (text.empty()) return {};
  return absl::StrSplit(text.substr(1), text[0]);
}

// Takes the first byte off `text`; 0 when there is none.
inline uint8_t TakeByte(absl::string_view& text) {
  if (text.empty()) return 0;
  const auto byte = static_cast<uint8_t>(text[0]);
  text.remove_prefix(1);
  return byte;
}

// Ends the program, and so the test, unless `holds`.
inline void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace csa

#endif  // CSA_TESTS_FUZZ_FUZZ_INPUT_H_
