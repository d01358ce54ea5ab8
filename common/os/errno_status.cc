#include "common/os/errno_status.h"

#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace csa {

absl::Status ErrnoStatus(absl::string_view what, int error_number) {
  std::string text = strerror(error_number);
  if (text.size() > 1 && absl::ascii_islower(text[1])) {
    text[0] = absl::ascii_tolower(text[0]);
  }
  if (error_number == ENOSYS) {
    absl::StrAppend(&text, ": csa needs ", kMinimumKernel, " or later");
  }
  const bool no_room = error_number == ENOSPC || error_number == EDQUOT;
  return {no_room ? absl::StatusCode::kOutOfRange
                  : absl::ErrnoToStatusCode(error_number),
          absl::StrCat(what, ": ", text)};
}

absl::Status Named(absl::string_view object, const absl::Status& status) {
  return {status.code(), absl::StrCat(object, ": ", status.message())};
}

}  // namespace csa
