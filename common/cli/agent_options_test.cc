#include "common/cli/agent_options.h"

#include "common/cli/options.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(AgentOptions, AreAddedToThoseOfEveryStart) {
  EXPECT_EQ(GetAgentOptions().value(), LaunchOptions());
  ASSERT_TRUE(ParseOptions({"--tool=t", "--model=m", "--access", "full",
                            "--description=d"},
                           OptionOrder::kAnywhere)
                  .ok());
  EXPECT_EQ(
      GetAgentOptions().value(),
      (LaunchOptions{
          .tool = "t", .model = "m", .access = "full", .description = "d"}));
}

}  // namespace
}  // namespace csa
