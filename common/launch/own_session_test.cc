#include "common/launch/own_session.h"

#include <cstdlib>

#include "common/cli/options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Pair;

TEST(OwnSessionArguments, TellTheSessionAndTheAgentsWhatIsTheirs) {
  EXPECT_THAT(
      OwnSessionArguments("review", {"--conduct"},
                          {.description = "d",
                           .timeout = absl::Hours(1),
                           .idle_timeout = absl::Minutes(5),
                           .memory_max = 1024,
                           .labels = {{"k", "v"}},
                           .environment = {{"A", "1"}}})
          .value(),
      ElementsAre(EndsWith("/csa-spawn"), "--tool=review", "--description=d",
                  "--timeout=1h", "--label=k=v", "--env=A=1", "--end-nested",
                  "--stdin=capture", "--", EndsWith("/csa-review"), "--conduct",
                  "--idle-timeout=5m", "--memory-max=1024", "--env-name=A"));
}

TEST(OwnSessionArguments, F10_TheAgentsAreNotTooDeep) {
  setenv("CSA_DEPTH", "3", 1);
  EXPECT_TRUE(OwnSessionArguments("review", {}, {}).ok());
  setenv("CSA_DEPTH", "4", 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(
      OwnSessionArguments("review", {}, {}).status()));
  unsetenv("CSA_DEPTH");
}

TEST(AgentsOptions, TakeTheVariablesFromTheEnvironment) {
  ASSERT_TRUE(ParseOptions({"--env-name=GIVEN", "--env-name=GONE"},
                           OptionOrder::kAnywhere)
                  .ok());
  setenv("GIVEN", "1", 1);
  unsetenv("GONE");
  EXPECT_THAT(AgentsOptions({}).environment, ElementsAre(Pair("GIVEN", "1")));
}

}  // namespace
}  // namespace csa
