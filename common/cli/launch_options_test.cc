#include "common/cli/launch_options.h"

#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "common/base/session_variables.h"
#include "common/cli/agent_options.h"
#include "common/cli/duration.h"
#include "common/cli/options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// What a command line gives. Puts the flags back.
absl::StatusOr<LaunchOptions> Parse(const std::vector<std::string>& arguments) {
  const absl::FlagSaver saver;
  const absl::StatusOr<std::vector<std::string>> operands =
      ParseOptions(arguments, OptionOrder::kAnywhere);
  if (!operands.ok()) return operands.status();
  EXPECT_THAT(*operands, IsEmpty());
  return GetAgentOptions();
}

TEST(LaunchOptions, AreEmptyAtFirst) {
  const absl::StatusOr<LaunchOptions> options = Parse({});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->tool, "");
  EXPECT_EQ(options->timeout, std::nullopt);
  EXPECT_EQ(options->idle_timeout, std::nullopt);
  EXPECT_THAT(options->labels, IsEmpty());
  EXPECT_THAT(options->environment, IsEmpty());
  EXPECT_THAT(FormatLaunchOptions(*options), IsEmpty());
}

TEST(LaunchOptions, F31_HaveTwoTimeouts) {
  const LaunchOptions options =
      Parse({"--timeout", "1h", "--idle-timeout", "90"}).value();
  EXPECT_EQ(options.timeout, absl::Hours(1));
  EXPECT_EQ(options.idle_timeout, absl::Seconds(90));
  const LaunchOptions idle = Parse({"--idle-timeout=5m"}).value();
  EXPECT_EQ(idle.timeout, std::nullopt);
  EXPECT_EQ(idle.idle_timeout, absl::Minutes(5));
}

TEST(LaunchOptions, F03_SayWhyADurationIsNone) {
  const absl::Status status = Parse({"--timeout=1; 2"}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(
      status.message(),
      absl::StrCat("--timeout: ", ParseTimeout("1; 2").status().message()));
}

TEST(LaunchOptions, SplitAtTheFirstEqualsSign) {
  const LaunchOptions options =
      Parse({"--label=a=b=c", "--label", "empty=", "--env=X=1=2"}).value();
  EXPECT_THAT(options.labels, ElementsAre(Pair("a", "b=c"), Pair("empty", "")));
  EXPECT_THAT(options.environment, ElementsAre(Pair("X", "1=2")));
}

TEST(LaunchOptions, OfOneLabelTheLastCounts) {
  EXPECT_THAT(Parse({"--label=a=1", "--label=a=2"})->labels,
              ElementsAre(Pair("a", "2")));
}

TEST(LaunchOptions, KeepTheOrderOfTheEnvironment) {
  EXPECT_THAT(Parse({"--env=B=1", "--env=A=2", "--env=B=3"})->environment,
              ElementsAre(Pair("B", "1"), Pair("A", "2"), Pair("B", "3")));
}

TEST(LaunchOptions, F03_RefuseWhatIsNoPair) {
  for (const std::string argument :
       {"--label=a", "--label==b", "--env=A", "--env==b"}) {
    const absl::Status status = Parse({argument}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << argument;
    EXPECT_THAT(std::string(status.message()), HasSubstr("takes K=V"));
  }
}

TEST(LaunchOptions, RefuseTheVariablesThatCsaSets) {
  for (const std::string name : kSessionVariables) {
    const absl::Status status = Parse({"--env=" + name + "=x"}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(name));
  }
  EXPECT_TRUE(Parse({"--env=CSA_STATE_DIR=/x"}).ok());
}

TEST(LaunchOptions, F06_NoneIsLostOnTheWay) {
  const LaunchOptions options = {
      .tool = "codex",
      .model = "-m",
      .description = "--what \"it\" is\nfor = \xFF",
      .timeout = absl::Minutes(90) + absl::Milliseconds(250),
      .idle_timeout = absl::Nanoseconds(1),
      .memory_max = int64_t{3} << 30,
      .labels = {{"a", "b=c"}, {"empty", ""}, {"text", "two words\n"}},
      .environment = {{"B", "1"}, {"A", ""}, {"B", "=--tool=sh"}},
  };
  const absl::StatusOr<LaunchOptions> again =
      Parse(FormatLaunchOptions(options));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->tool, options.tool);
  EXPECT_EQ(again->model, options.model);
  EXPECT_EQ(again->description, options.description);
  EXPECT_EQ(again->timeout, options.timeout);
  EXPECT_EQ(again->idle_timeout, options.idle_timeout);
  EXPECT_EQ(again->memory_max, options.memory_max);
  EXPECT_EQ(again->labels, options.labels);
  EXPECT_EQ(again->environment, options.environment);
}

}  // namespace
}  // namespace csa
