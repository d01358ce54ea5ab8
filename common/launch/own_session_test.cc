#include "common/launch/own_session.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;

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
                  "--timeout=1h", "--label=k=v", "--stdin=capture", "--",
                  EndsWith("/csa-review"), "--conduct", "--idle-timeout=5m",
                  "--memory-max=1024", "--env=A=1"));
}

}  // namespace
}  // namespace csa
