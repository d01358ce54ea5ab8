#include "tools/spawn/conversation_options.h"

#include "common/cli/options.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(GetConversation, GivesWhatTheOptionsSay) {
  EXPECT_EQ(GetConversation().id, "");
  EXPECT_EQ(GetConversation().continues, "");
  ASSERT_TRUE(ParseOptions({"--conversation=c", "--continues", "ID"},
                           OptionOrder::kAnywhere)
                  .ok());
  EXPECT_EQ(GetConversation().id, "c");
  EXPECT_EQ(GetConversation().continues, "ID");
}

}  // namespace
}  // namespace csa
