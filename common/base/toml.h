// Reading TOML that anybody may have written, and writing texts in it.
//
// toml++ 3.3 asserts that a table header has a name, that no element of a list
// begins with '}', and that what stands outside of texts is ASCII: what breaks
// that is undefined behaviour. And it makes a table of each part of a key, and
// destroys them by recursion: keys of very many parts end in an overflow of the
// stack. So these are refused here before toml++ sees them. Nothing else calls
// toml::parse.

#ifndef CSA_COMMON_BASE_TOML_H_
#define CSA_COMMON_BASE_TOML_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "toml++/toml.h"

namespace csa {

// The document `toml`. InvalidArgument, "line N: what is wrong", when it is
// none.
absl::StatusOr<toml::table> ParseToml(absl::string_view toml);

// `text`, which is valid UTF-8, as a basic string of TOML 1.0 on one line, with
// its quotes. Nothing in it is obeyed by a terminal. No character takes more
// than 6 bytes.
std::string QuoteToml(absl::string_view text);

}  // namespace csa

#endif  // CSA_COMMON_BASE_TOML_H_
