// What a reviewer is told.

#ifndef CSA_TOOLS_REVIEW_PROMPT_H_
#define CSA_TOOLS_REVIEW_PROMPT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tools/review/change.h"

namespace csa {

// The prompt that asks for a review of `change`, and for a verdict that keeps
// to `schema`.
std::string ReviewPrompt(const Change& change, absl::string_view schema);

}  // namespace csa

#endif  // CSA_TOOLS_REVIEW_PROMPT_H_
