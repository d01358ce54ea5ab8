#include "common/agent/conversation.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/string_view.h"
#include "re2/re2.h"

namespace csa {

std::string UuidOf(uint64_t high, uint64_t low) {
  constexpr uint64_t kVersion4 = 0x4000;
  constexpr uint64_t kVariant = 0x8000;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32,
                         (high >> 16) & 0xFFFF, kVersion4 | (high & 0x0FFF),
                         kVariant | ((low >> 48) & 0x3FFF),
                         low & 0xFFFF'FFFF'FFFF);
}

absl::Status CheckConversationPattern(const std::string& pattern) {
  const RE2 expression(pattern, RE2::Quiet);
  if (!expression.ok()) return absl::InvalidArgumentError(expression.error());
  if (expression.NumberOfCapturingGroups() == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a pattern with one group is wanted, not with ",
                   expression.NumberOfCapturingGroups()));
}

std::string FindConversation(const std::string& pattern,
                             absl::string_view log) {
  std::string id;
  RE2::PartialMatch(ToStd(log), RE2(pattern, RE2::Quiet), &id);
  return id;
}

}  // namespace csa
