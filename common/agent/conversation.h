// The ids by which agents know their own conversations.

#ifndef CSA_COMMON_AGENT_CONVERSATION_H_
#define CSA_COMMON_AGENT_CONVERSATION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace csa {

// The random UUID (version 4, RFC 9562 section 5.4) that these 128 random bits
// make, in lower case.
std::string UuidOf(uint64_t high, uint64_t low);

// InvalidArgument, with what is wrong, unless `pattern` is one of RE2 with
// exactly one group.
absl::Status CheckConversationPattern(const std::string& pattern);

// What the group of `pattern` matches in `log`, at its first match; "" where
// there is none.
std::string FindConversation(const std::string& pattern, absl::string_view log);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_CONVERSATION_H_
