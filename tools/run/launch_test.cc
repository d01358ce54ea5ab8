#include "tools/run/launch.h"

#include <unistd.h>

#include "absl/functional/function_ref.h"
#include "common/cli/options.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

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

// What `body` writes to stdout in a child, which must end with status 0.
std::string Written(absl::FunctionRef<void()> body) {
  const UniqueFd output = OpenInMemory("").value();
  const pid_t child = ForkWorker([&] {
                        MoveTo(output.get(), STDOUT_FILENO);
                        body();
                        _exit(testing::Test::HasFailure() ? 1 : 0);
                      }).value();
  EXPECT_EQ(Reap(child).value(), 0);
  EXPECT_EQ(lseek(output.get(), 0, SEEK_SET), 0);
  return ReadAll(output.get(), 1 << 20).value();
}

void AskForJson() {
  EXPECT_TRUE(ParseOptions({"--format=json"}, OptionOrder::kAnywhere).ok());
}

TEST(LaunchDaemon, F02_HandsThePromptOver) {
  EXPECT_EQ(
      Written([] { ADD_FAILURE() << LaunchDaemon({"/bin/cat"}, "do\nit"); }),
      "do\nit");
  const std::string prompt(size_t{1} << 18, 'x');
  EXPECT_EQ(
      Written([&] { ADD_FAILURE() << LaunchDaemon({"/bin/cat"}, prompt); }),
      prompt);
}

TEST(LaunchDaemon, F06_PassesTheFormatOn) {
  EXPECT_EQ(Written([] {
              AskForJson();
              ADD_FAILURE() << LaunchDaemon({"/bin/echo", "--", "x"}, "");
            }),
            "--format=json -- x\n");
}

TEST(LaunchDaemon, ReturnsWhyItFailed) {
  Written([] {
    EXPECT_TRUE(absl::IsNotFound(LaunchDaemon({"/nowhere/csa-spawn"}, "")));
  });
}

TEST(LaunchAttached, HasTheExitStatusOfASpawnThatFailed) {
  Written([] {
    EXPECT_EQ(LaunchAttached({"/bin/sh", "-c", "exit 127"}, "").value(),
              ExitStatus::kNotFound);
    EXPECT_TRUE(absl::IsInternal(
        LaunchAttached({"/bin/sh", "-c", "kill -9 $$"}, "").status()));
    EXPECT_TRUE(
        absl::IsNotFound(LaunchAttached({"/nowhere/csa-spawn"}, "").status()));
  });
}

TEST(LaunchAttached, GoesOnToCsaAttach) {
  EXPECT_EQ(
      Written([] {
        const absl::Status status =
            LaunchAttached({"/bin/sh", "-c", "cat >&2; echo ID"}, "").status();
        EXPECT_THAT(std::string(status.message()), HasSubstr("/csa-attach: "))
            << "there is none beside the test";
      }),
      "")
      << "the id is not shown";
}

}  // namespace
}  // namespace csa
