// Long texts.

#ifndef CSA_COMMON_TESTING_REPEAT_H_
#define CSA_COMMON_TESTING_REPEAT_H_

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace csa {

// `text`, `count` times.
inline std::string Repeat(absl::string_view text, size_t count) {
  std::string repeated;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&repeated, text);
  return repeated;
}

}  // namespace csa

#endif  // CSA_COMMON_TESTING_REPEAT_H_
