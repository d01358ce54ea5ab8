#include "tools/run/spawn_arguments.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;

TEST(SpawnArguments, F06_PassEverythingOn) {
  const AgentTool tool = {.name = "codex", .argv = {"codex"}};
  const CommandLine line = {.argv = {"codex", "--flag", "-"},
                            .environment = {{"A", "table"}, {"B", "table"}}};
  const LaunchOptions options = {
      .model = "m",
      .timeout = absl::Minutes(90),
      .labels = {{"k", "v"}},
      .environment = {{"A", "user"}},
  };
  // Of two with one name the later one counts: the user's.
  EXPECT_THAT(SpawnArguments(tool, line, options, {}).value(),
              ElementsAre(EndsWith("/csa-spawn"), "--tool=codex", "--model=m",
                          "--timeout=1h30m", "--label=k=v", "--env=A=table",
                          "--env=B=table", "--env=A=user", "--stdin=capture",
                          "--prompt-to=stdin", "--", "codex", "--flag", "-"));
}

TEST(SpawnArguments, F02_APromptThatIsAnArgumentIsOnlyStored) {
  const AgentTool tool = {.name = "t", .delivery = PromptDelivery::kArgument};
  EXPECT_THAT(SpawnArguments(tool, {.argv = {"t", "do it"}}, {}, {}).value(),
              ElementsAre(EndsWith("/csa-spawn"), "--tool=t", "--stdin=capture",
                          "--prompt-to=none", "--", "t", "do it"));
}

TEST(SpawnArguments, F02_APromptThatIsAFileTakesItsPlace) {
  const AgentTool tool = {.name = "sh", .delivery = PromptDelivery::kFile};
  const CommandLine line = {.argv = {"/bin/sh", "{prompt}"},
                            .prompt_path_index = 1};
  EXPECT_THAT(
      SpawnArguments(tool, line, {}, {}).value(),
      ElementsAre(EndsWith("/csa-spawn"), "--tool=sh", "--stdin=capture",
                  "--prompt-to=argument:1", "--", "/bin/sh", "{prompt}"));
}

TEST(SpawnArguments, TellOfTheConversation) {
  const AgentTool tool = {.name = "t", .delivery = PromptDelivery::kArgument};
  EXPECT_THAT(SpawnArguments(tool, {.argv = {"t"}}, {},
                             {.id = "c", .continues = "ID", .project = "/p"})
                  .value(),
              ElementsAre(EndsWith("/csa-spawn"), "--tool=t",
                          "--conversation=c", "--continues=ID",
                          "--stdin=capture", "--prompt-to=none", "--", "t"));
}

}  // namespace
}  // namespace csa
