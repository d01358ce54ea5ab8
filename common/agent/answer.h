// Reading what an agent has answered.

#ifndef CSA_COMMON_AGENT_ANSWER_H_
#define CSA_COMMON_AGENT_ANSWER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace csa {

// The content of the last fenced code block of `markdown`, without its fences:
// CommonMark 0.30, section 4.5, but for blocks within lists and quotes. Nothing
// where there is none, or the last one is not closed.
std::optional<std::string> LastFencedBlock(absl::string_view markdown);

// A fence of backticks that no line of `text` closes.
std::string FenceFor(absl::string_view text);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_ANSWER_H_
