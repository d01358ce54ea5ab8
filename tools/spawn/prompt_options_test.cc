#include "tools/spawn/prompt_options.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "common/cli/options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::IsEmpty;

// What a command line gives. Puts the flags back.
absl::StatusOr<PromptOptions> Parse(const std::vector<std::string>& arguments) {
  const absl::FlagSaver saver;
  const absl::StatusOr<std::vector<std::string>> operands =
      ParseOptions(arguments, OptionOrder::kAnywhere);
  if (!operands.ok()) return operands.status();
  EXPECT_THAT(*operands, IsEmpty());
  return GetPromptOptions();
}

TEST(PromptOptions, AskForNothingAtFirst) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"--stdin=null"}}) {
    const absl::StatusOr<PromptOptions> options = Parse(arguments);
    ASSERT_TRUE(options.ok()) << options.status();
    EXPECT_FALSE(options->capture);
    EXPECT_FALSE(options->to_stdin);
    EXPECT_EQ(options->to_argument, std::nullopt);
  }
}

TEST(PromptOptions, ACapturedPromptGoesToTheCommandsStdin) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--stdin=capture"},
        {"--stdin=capture", "--prompt-to=stdin"}}) {
    const absl::StatusOr<PromptOptions> options = Parse(arguments);
    ASSERT_TRUE(options.ok()) << options.status();
    EXPECT_TRUE(options->capture);
    EXPECT_TRUE(options->to_stdin);
    EXPECT_EQ(options->to_argument, std::nullopt);
  }
}

TEST(PromptOptions, OrItsPathIsAnArgument) {
  const absl::StatusOr<PromptOptions> options =
      Parse({"--stdin=capture", "--prompt-to=argument:12"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_TRUE(options->capture);
  EXPECT_FALSE(options->to_stdin);
  EXPECT_EQ(options->to_argument, 12U);
}

TEST(PromptOptions, OrItIsOnlyStored) {
  const absl::StatusOr<PromptOptions> options =
      Parse({"--stdin=capture", "--prompt-to=none"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_TRUE(options->capture);
  EXPECT_FALSE(options->to_stdin);
  EXPECT_EQ(options->to_argument, std::nullopt);
}

TEST(PromptOptions, AnythingElseIsAUsageError) {
  for (const std::string argument :
       {"--stdin=", "--stdin=file", "--prompt-to=stdout",
        "--prompt-to=argument",
        "--prompt-to=argument:", "--prompt-to=argument:x",
        "--prompt-to=argument:-1", "--prompt-to=argument:1x", "--prompt-to=1",
        "--prompt-to=argument:99999999999999999999"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Parse({argument}).status()))
        << argument;
  }
}

}  // namespace
}  // namespace csa
