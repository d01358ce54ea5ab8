#include "common/agent/command_line.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

AgentTool ToolWith(PromptDelivery delivery) {
  const bool by_stdin = delivery == PromptDelivery::kStdin;
  return {.name = "agent",
          .argv = {"agent", "{model}", by_stdin ? "-" : "{prompt}", "-v"},
          .model_arguments = {"--model", "{model}", "-c=m:{model}"},
          .delivery = delivery};
}

TEST(CommandLineFor, LeavesTheModelOutWhereNoneIsGiven) {
  const absl::StatusOr<CommandLine> line =
      CommandLineFor(ToolWith(PromptDelivery::kStdin), {}, "do it");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->argv, ElementsAre("agent", "-", "-v"));
  EXPECT_EQ(line->prompt_path_index, std::nullopt);
}

TEST(CommandLineFor, PutsTheModelIn) {
  const absl::StatusOr<CommandLine> line = CommandLineFor(
      ToolWith(PromptDelivery::kStdin), {.model = "gpt x"}, "do it");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->argv, ElementsAre("agent", "--model", "gpt x", "-c=m:gpt x",
                                      "-", "-v"));
}

TEST(CommandLineFor, RefusesAModelForAToolThatTakesNone) {
  AgentTool tool = ToolWith(PromptDelivery::kStdin);
  tool.model_arguments.clear();
  const absl::Status status =
      CommandLineFor(tool, {.model = "gpt"}, "").status();
  EXPECT_EQ(status, absl::InvalidArgumentError(
                        "--model: the tool agent takes no model"));
  EXPECT_TRUE(CommandLineFor(tool, {}, "").ok());
}

TEST(CommandLineFor, F08_GivesThePromptAsAnArgument) {
  const std::string prompt = "--help \"{model}\"\n{prompt} \xFF";
  const absl::StatusOr<CommandLine> line =
      CommandLineFor(ToolWith(PromptDelivery::kArgument), {}, prompt);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->argv, ElementsAre("agent", prompt, "-v"));
  EXPECT_EQ(line->prompt_path_index, std::nullopt);
}

TEST(CommandLineFor, ReplacesNothingInWhatItPutIn) {
  AgentTool tool = ToolWith(PromptDelivery::kArgument);
  tool.model_arguments = {"{model}"};
  const absl::StatusOr<CommandLine> line =
      CommandLineFor(tool, {.model = "{prompt}"}, "{model}");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->argv, ElementsAre("agent", "{prompt}", "{model}", "-v"));
}

TEST(CommandLineFor, TellsWhereThePathOfThePromptGoes) {
  const AgentTool tool = ToolWith(PromptDelivery::kFile);
  const CommandLine without = CommandLineFor(tool, {}, "do it").value();
  EXPECT_THAT(without.argv, ElementsAre("agent", "{prompt}", "-v"));
  EXPECT_EQ(without.prompt_path_index, 1);
  const CommandLine with =
      CommandLineFor(tool, {.model = "gpt"}, "do it").value();
  EXPECT_EQ(with.prompt_path_index, 4) << "after the model";
  EXPECT_EQ(with.argv[4], "{prompt}");
}

TEST(CommandLineFor, IsNotMisledByAModelThatLooksLikeThePrompt) {
  AgentTool tool = ToolWith(PromptDelivery::kFile);
  tool.model_arguments = {"{model}"};
  const CommandLine line =
      CommandLineFor(tool, {.model = "{prompt}"}, "").value();
  EXPECT_THAT(line.argv, ElementsAre("agent", "{prompt}", "{prompt}", "-v"));
  EXPECT_EQ(line.prompt_path_index, 2);
}

TEST(CommandLineFor, F08_LimitsAPromptThatIsAnArgument) {
  const AgentTool tool = ToolWith(PromptDelivery::kArgument);
  const std::string longest(kMaxPromptArgumentBytes, 'x');
  EXPECT_TRUE(CommandLineFor(tool, {}, longest).ok());
  const absl::Status status = CommandLineFor(tool, {}, longest + "x").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the prompt has 102401 bytes"));
}

TEST(CommandLineFor, RefusesANulByteInAnArgument) {
  const absl::string_view prompt("a\0b", 3);
  const absl::Status status =
      CommandLineFor(ToolWith(PromptDelivery::kArgument), {}, prompt).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("NUL byte"));
}

TEST(CommandLineFor, LimitsNoPromptThatIsNone) {
  const std::string prompt(2 * kMaxPromptArgumentBytes, '\0');
  EXPECT_TRUE(
      CommandLineFor(ToolWith(PromptDelivery::kStdin), {}, prompt).ok());
  EXPECT_TRUE(CommandLineFor(ToolWith(PromptDelivery::kFile), {}, prompt).ok());
}

TEST(CommandLineFor, RefusesAModelThatWouldBeAnOption) {
  const absl::Status status =
      CommandLineFor(ToolWith(PromptDelivery::kStdin), {.model = "--yolo"}, "")
          .status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("would take it for an option"));
}

TEST(CheckModel, IsNoOption) {
  for (const char* model : {"gpt-5", "a b", "org/model:7b", "\xC3\xA9"}) {
    EXPECT_TRUE(CheckModel(model).ok()) << model;
  }
  for (const char* model : {"-c", "--help", "-"}) {
    EXPECT_THAT(std::string(CheckModel(model).message()),
                HasSubstr("take it for an option"));
  }
  for (const char* model : {"", "a\nb", "a\x1B"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckModel(model))) << model;
  }
  EXPECT_FALSE(CheckModel(absl::string_view("a\0b", 3)).ok());
}

AgentTool ToolWithModes() {
  return {.name = "agent",
          .argv = {"agent", "{access}", "-"},
          .environment = {{"A", "tool"}, {"B", "tool"}},
          .access = {{"read-only", {.arguments = {"--plan"}}},
                     {"full",
                      {.arguments = {"--mode", "all"},
                       .environment = {{"B", "mode"}}}}}};
}

TEST(CommandLineFor, PutsTheAccessModeIn) {
  const CommandLine line =
      CommandLineFor(ToolWithModes(), {.access = "read-only"}, "").value();
  EXPECT_THAT(line.argv, ElementsAre("agent", "--plan", "-"));
  EXPECT_THAT(line.environment,
              ElementsAre(Pair("A", "tool"), Pair("B", "tool")));
  const CommandLine full =
      CommandLineFor(ToolWithModes(), {.access = "full"}, "").value();
  EXPECT_THAT(full.argv, ElementsAre("agent", "--mode", "all", "-"));
  EXPECT_THAT(full.environment,
              ElementsAre(Pair("A", "tool"), Pair("B", "mode")));
}

TEST(CommandLineFor, RefusesAnAccessModeThatTheToolHasNot) {
  const auto message = [](const AgentTool& tool, const std::string& access) {
    return std::string(
        CommandLineFor(tool, {.access = access}, "").status().message());
  };
  EXPECT_EQ(message(ToolWithModes(), "workspace"),
            "--access: the tool agent cannot be held to 'workspace', only to "
            "full, read-only");
  EXPECT_EQ(message(ToolWithModes(), "some"),
            "--access: 'some' is none of read-only, workspace, full");
  const AgentTool free = {.name = "sh", .argv = {"sh"}};
  EXPECT_EQ(message(free, "read-only"),
            "--access: the tool sh cannot be held to 'read-only', only to "
            "full");
  EXPECT_TRUE(CommandLineFor(free, {.access = "full"}, "").ok());
}

TEST(DefaultAccess, IsTheWorkspaceWhereThereIsThatMode) {
  AgentTool tool = ToolWithModes();
  EXPECT_EQ(DefaultAccess(tool), "read-only");
  tool.access["workspace"] = {};
  EXPECT_EQ(DefaultAccess(tool), "workspace");
  tool.access = {{"full", {}}};
  EXPECT_EQ(DefaultAccess(tool), "full");
  EXPECT_EQ(DefaultAccess({}), "");
}

TEST(CommandLineFor, BeginsAConversationAndGoesOnWithIt) {
  const AgentTool tool = {.name = "agent",
                          .argv = {"agent", "--id", "{conversation}"},
                          .resume_argv = {"agent", "resume", "{conversation}"}};
  EXPECT_THAT(CommandLineFor(tool, {.conversation = "u"}, "").value().argv,
              ElementsAre("agent", "--id", "u"));
  EXPECT_THAT(CommandLineFor(tool, {.conversation = "u", .resume = true}, "")
                  .value()
                  .argv,
              ElementsAre("agent", "resume", "u"));
}

TEST(CommandLineFor, RefusesToGoOnWithWhatIsNoConversation) {
  const AgentTool tool = {.name = "agent",
                          .argv = {"agent", "{conversation}"},
                          .resume_argv = {"agent", "{conversation}"}};
  for (const std::string id : {"", "--yolo"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        CommandLineFor(tool, {.conversation = id, .resume = true}, "")
            .status()))
        << id;
  }
  EXPECT_THAT(
      std::string(CommandLineFor({.name = "sh", .argv = {"sh"}},
                                 {.conversation = "u", .resume = true}, "")
                      .status()
                      .message()),
      HasSubstr("the tool sh cannot go on with a conversation"));
}

}  // namespace
}  // namespace csa
