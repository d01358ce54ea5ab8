#include "common/launch/launch.h"

#include <unistd.h>

#include "absl/functional/function_ref.h"
#include "common/cli/options.h"
#include "common/cli/output.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;

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
    EXPECT_EQ(
        LaunchAttached({"/bin/sh", "-c", "exit 127"}, "", OutputFormat::kText)
            .value(),
        ExitStatus::kNotFound);
    EXPECT_TRUE(absl::IsInternal(
        LaunchAttached({"/bin/sh", "-c", "kill -9 $$"}, "", OutputFormat::kText)
            .status()));
    EXPECT_TRUE(absl::IsNotFound(
        LaunchAttached({"/nowhere/csa-spawn"}, "", OutputFormat::kText)
            .status()));
  });
}

TEST(LaunchAttached, GoesOnToCsaAttach) {
  EXPECT_EQ(
      Written([] {
        const absl::Status status =
            LaunchAttached({"/bin/sh", "-c", "cat >&2; echo ID"}, "",
                           OutputFormat::kText)
                .status();
        EXPECT_THAT(std::string(status.message()), HasSubstr("/csa-attach: "))
            << "there is none beside the test";
      }),
      "")
      << "the id is not shown";
}

TEST(Launch, IsAsNoDaemonSays) {
  const auto error_of_launch = [] {
    return std::string(
        Launch({"/bin/sh", "-c", "echo ID"}, "").status().message());
  };
  EXPECT_EQ(Written([&] { ADD_FAILURE() << error_of_launch(); }), "ID\n");
  EXPECT_EQ(
      Written([&] {
        EXPECT_TRUE(ParseOptions({"--no-daemon"}, OptionOrder::kAnywhere).ok());
        EXPECT_THAT(error_of_launch(), HasSubstr("/csa-attach: "));
      }),
      "");
}

TEST(StartNested, NeedsCsaRun) {
  const absl::Status status = StartNested({}, "").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << "there is none beside the test";
  EXPECT_THAT(std::string(status.message()), HasSubstr("/csa-run: "));
}

}  // namespace
}  // namespace csa
