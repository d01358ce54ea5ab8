#include "common/agent/command_line.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

AgentTool ToolWith(PromptDelivery delivery) {
  const bool by_stdin = delivery == PromptDelivery::kStdin;
  return {.name = "agent",
          .argv = {"agent", "{model}", by_stdin ? "-" : "{prompt}", "-v"},
          .model_arguments = {"--model", "{model}", "-c=m:{model}"},
          .delivery = delivery};
}

TEST(CommandLineFor, LeavesTheModelOutWhereNoneIsGiven) {
  const absl::StatusOr<CommandLine> line =
      CommandLineFor(ToolWith(PromptDelivery::kStdin), "", "do it");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->argv, ElementsAre("agent", "-", "-v"));
  EXPECT_EQ(line->prompt_path_index, std::nullopt);
}

TEST(CommandLineFor, PutsTheModelIn) {
  const absl::StatusOr<CommandLine> line =
      CommandLineFor(ToolWith(PromptDelivery::kStdin), "gpt x", "do it");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->argv, ElementsAre("agent", "--model", "gpt x", "-c=m:gpt x",
                                      "-", "-v"));
}

TEST(CommandLineFor, RefusesAModelForAToolThatTakesNone) {
  AgentTool tool = ToolWith(PromptDelivery::kStdin);
  tool.model_arguments.clear();
  const absl::Status status = CommandLineFor(tool, "gpt", "").status();
  EXPECT_EQ(status, absl::InvalidArgumentError(
                        "--model: the tool agent takes no model"));
  EXPECT_TRUE(CommandLineFor(tool, "", "").ok());
}

TEST(CommandLineFor, F08_GivesThePromptAsAnArgument) {
  const std::string prompt = "--help \"{model}\"\n{prompt} \xFF";
  const absl::StatusOr<CommandLine> line =
      CommandLineFor(ToolWith(PromptDelivery::kArgument), "", prompt);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->argv, ElementsAre("agent", prompt, "-v"));
  EXPECT_EQ(line->prompt_path_index, std::nullopt);
}

TEST(CommandLineFor, ReplacesNothingInWhatItPutIn) {
  AgentTool tool = ToolWith(PromptDelivery::kArgument);
  tool.model_arguments = {"{model}"};
  const absl::StatusOr<CommandLine> line =
      CommandLineFor(tool, "{prompt}", "{model}");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->argv, ElementsAre("agent", "{prompt}", "{model}", "-v"));
}

TEST(CommandLineFor, TellsWhereThePathOfThePromptGoes) {
  const AgentTool tool = ToolWith(PromptDelivery::kFile);
  const CommandLine without = CommandLineFor(tool, "", "do it").value();
  EXPECT_THAT(without.argv, ElementsAre("agent", "{prompt}", "-v"));
  EXPECT_EQ(without.prompt_path_index, 1);
  const CommandLine with = CommandLineFor(tool, "gpt", "do it").value();
  EXPECT_EQ(with.prompt_path_index, 4) << "after the model";
  EXPECT_EQ(with.argv[4], "{prompt}");
}

TEST(CommandLineFor, IsNotMisledByAModelThatLooksLikeThePrompt) {
  AgentTool tool = ToolWith(PromptDelivery::kFile);
  tool.model_arguments = {"{model}"};
  const CommandLine line = CommandLineFor(tool, "{prompt}", "").value();
  EXPECT_THAT(line.argv, ElementsAre("agent", "{prompt}", "{prompt}", "-v"));
  EXPECT_EQ(line.prompt_path_index, 2);
}

TEST(CommandLineFor, F08_LimitsAPromptThatIsAnArgument) {
  const AgentTool tool = ToolWith(PromptDelivery::kArgument);
  const std::string longest(kMaxPromptArgumentBytes, 'x');
  EXPECT_TRUE(CommandLineFor(tool, "", longest).ok());
  const absl::Status status = CommandLineFor(tool, "", longest + "x").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the prompt has 102401 bytes"));
}

TEST(CommandLineFor, RefusesANulByteInAnArgument) {
  const absl::string_view prompt("a\0b", 3);
  const absl::Status status =
      CommandLineFor(ToolWith(PromptDelivery::kArgument), "", prompt).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("NUL byte"));
}

TEST(CommandLineFor, LimitsNoPromptThatIsNone) {
  const std::string prompt(2 * kMaxPromptArgumentBytes, '\0');
  EXPECT_TRUE(
      CommandLineFor(ToolWith(PromptDelivery::kStdin), "", prompt).ok());
  EXPECT_TRUE(CommandLineFor(ToolWith(PromptDelivery::kFile), "", prompt).ok());
}

}  // namespace
}  // namespace csa
