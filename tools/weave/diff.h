// What differs between two texts.

#ifndef CSA_TOOLS_WEAVE_DIFF_H_
#define CSA_TOOLS_WEAVE_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace csa {

// The lines of a unified diff from the text `before` of the file `path` to
// `after`, without the newline of the last one: one hunk, from the first line
// that differs to the last, with three lines around it. "" where they are the
// same.
std::string Diff(absl::string_view path, absl::string_view before,
                 absl::string_view after);

}  // namespace csa

#endif  // CSA_TOOLS_WEAVE_DIFF_H_
