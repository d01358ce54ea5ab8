// What the fuzz targets share.

#ifndef CSA_TESTS_FUZZ_FUZZ_INPUT_H_
#define CSA_TESTS_FUZZ_FUZZ_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace csa {

// The input as text.
inline absl::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the program, and so the test, unless `holds`.
inline void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace csa

#endif  // CSA_TESTS_FUZZ_FUZZ_INPUT_H_
