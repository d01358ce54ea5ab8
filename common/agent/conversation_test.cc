#include "common/agent/conversation.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(UuidOf, IsOneOfVersion4) {
  EXPECT_EQ(UuidOf(0, 0), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(UuidOf(0x0123'4567'89AB'CDEF, 0x0123'4567'89AB'CDEF),
            "01234567-89ab-4def-8123-456789abcdef");
  EXPECT_EQ(UuidOf(~uint64_t{0}, ~uint64_t{0}),
            "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(CheckConversationPattern, WantsOneGroup) {
  EXPECT_TRUE(CheckConversationPattern("id: ([0-9]+)").ok());
  EXPECT_TRUE(CheckConversationPattern("(?:id|ID): ([0-9]+)").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(CheckConversationPattern("id")));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckConversationPattern("(i)(d)")));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckConversationPattern("(")));
}

TEST(FindConversation, GivesTheFirst) {
  const std::string pattern = "(?m)^id: ([0-9a-f]+)$";
  EXPECT_EQ(FindConversation(pattern, "hello\nid: 12ab\nid: 34cd\n"), "12ab");
  EXPECT_EQ(FindConversation(pattern, "no id: 12ab\n"), "");
  EXPECT_EQ(FindConversation(pattern, ""), "");
}

}  // namespace
}  // namespace csa
