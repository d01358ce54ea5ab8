#include "common/agent/tool_table.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;

// The message for a table that is malformed at line `line`.
void ExpectMalformed(absl::string_view toml, int line,
                     absl::string_view fault) {
  const absl::Status status = ParseToolTable(toml).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status << "\n" << toml;
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith(absl::StrCat("tool table, line ", line, ": ")),
                    HasSubstr(std::string(fault))))
      << toml;
}

TEST(ParseToolTable, ReadsTheToolsInOrder) {
  const absl::StatusOr<std::vector<AgentTool>> tools = ParseToolTable(R"(
[[tool]]
name = "b"
family = "openai"
argv = ["b", "{model}", "{prompt}"]
model = ["-m", "{model}"]
prompt = "argument"
environment = { X = "1", Y = "two words" }

[[tool]]
name = "a"
family = "other"
explicit = true
argv = ["a"]
prompt = "stdin"
)");
  ASSERT_TRUE(tools.ok()) << tools.status();
  ASSERT_EQ(tools->size(), 2);
  const AgentTool& b = tools->front();
  EXPECT_EQ(b.name, "b");
  EXPECT_EQ(b.family, "openai");
  EXPECT_FALSE(b.explicit_only);
  EXPECT_THAT(b.argv, ElementsAre("b", "{model}", "{prompt}"));
  EXPECT_THAT(b.model_arguments, ElementsAre("-m", "{model}"));
  EXPECT_EQ(b.delivery, PromptDelivery::kArgument);
  EXPECT_THAT(b.environment,
              ElementsAre(Pair("X", "1"), Pair("Y", "two words")));
  const AgentTool& a = tools->back();
  EXPECT_EQ(a.name, "a");
  EXPECT_TRUE(a.explicit_only);
  EXPECT_THAT(a.model_arguments, IsEmpty());
  EXPECT_EQ(a.delivery, PromptDelivery::kStdin);
  EXPECT_THAT(a.environment, IsEmpty());
}

TEST(ParseToolTable, RefusesWhatIsNoToml) {
  ExpectMalformed("\n[[tool]\n", 2, "");
  ExpectMalformed("[[tool]]\nname = \"a\nfamily = 1\n", 2, "");
}

TEST(ParseToolTable, RefusesAnythingButTools) {
  ExpectMalformed("", 1, "there must be [[tool]]");
  ExpectMalformed("tool = 1\n", 1, "there must be [[tool]]");
  ExpectMalformed("tool = [1]\n", 1, "no [[tool]]");
  ExpectMalformed("x = 1\n[[tool]]\n", 1, "and no more");
}

// A tool with the lines given after its name, which is on line 2.
std::string ToolWith(absl::string_view lines) {
  return absl::StrCat("[[tool]]\nname = \"a\"\n", lines);
}

TEST(ParseToolTable, RefusesAMissingOrWrongText) {
  const absl::string_view rest = "argv = [\"a\"]\nprompt = \"stdin\"\n";
  ExpectMalformed("[[tool]]\nfamily = \"x\"\n", 1, "'name' must be a text");
  ExpectMalformed("[[tool]]\nname = \"\"\n", 1, "'name' must be a text");
  ExpectMalformed("[[tool]]\nname = 1\n", 1, "'name' must be a text");
  ExpectMalformed(ToolWith(rest), 1, "'family' must be a text");
  ExpectMalformed(ToolWith("family = \"x\"\nargv = [\"a\"]\n"), 1,
                  "'prompt' must be a text");
}

TEST(ParseToolTable, RefusesAWrongList) {
  ExpectMalformed(ToolWith("family = \"x\"\nargv = \"a\"\n"), 4,
                  "'argv' must be a list of texts");
  ExpectMalformed(ToolWith("family = \"x\"\nargv = [\"a\", 1]\n"), 4,
                  "'argv' must be a list of texts");
  ExpectMalformed(ToolWith("family = \"x\"\nargv = [\"a\"]\nmodel = 1\n"), 5,
                  "'model' must be a list of texts");
  ExpectMalformed(ToolWith("family = \"x\"\nprompt = \"stdin\"\n"), 1,
                  "'argv' is empty");
}

TEST(ParseToolTable, RefusesAnUnknownKey) {
  ExpectMalformed(ToolWith("family = \"x\"\nfamilly = \"y\"\n"), 4,
                  "unknown key 'familly'");
}

TEST(ParseToolTable, RefusesAnUnknownDelivery) {
  ExpectMalformed(ToolWith("family = \"x\"\nargv = [\"a\"]\nprompt = \"x\"\n"),
                  1, "'prompt' must be stdin, argument or file");
}

TEST(ParseToolTable, RefusesAPromptThatDoesNotGoWithItsDelivery) {
  const auto with = [](absl::string_view argv, absl::string_view delivery) {
    return ToolWith(absl::StrCat("family = \"x\"\nargv = [", argv,
                                 "]\nprompt = \"", delivery, "\"\n"));
  };
  ExpectMalformed(with(R"("a", "{prompt}")", "stdin"), 1, "{prompt}");
  for (const absl::string_view delivery : {"argument", "file"}) {
    ExpectMalformed(with(R"("a")", delivery), 1, "{prompt}");
    ExpectMalformed(with(R"("a", "-p={prompt}")", delivery), 1, "{prompt}");
    ExpectMalformed(with(R"("a", "{prompt}", "{prompt}")", delivery), 1,
                    "{prompt}");
    EXPECT_TRUE(ParseToolTable(with(R"("a", "{prompt}")", delivery)).ok());
  }
}

TEST(ParseToolTable, RefusesAWrongEnvironment) {
  ExpectMalformed(
      ToolWith("family = \"x\"\nargv = [\"a\"]\nprompt = \"stdin\"\n"
               "[tool.environment]\nX = 1\n"),
      6, "'X' must be a text");
}

TEST(ParseToolTable, RefusesANameThatComesTwice) {
  const std::string tool =
      ToolWith("family = \"x\"\nargv = [\"a\"]\nprompt = \"stdin\"\n");
  ExpectMalformed(absl::StrCat(tool, tool), 6, "'a' comes twice");
}

TEST(ParseToolTable, RefusesWhatWouldBeIgnored) {
  constexpr absl::string_view kTool =
      "[[tool]]\nname = \"a\"\nfamily = \"other\"\nprompt = \"stdin\"\n";
  for (const absl::string_view rest :
       {"argv = [\"a\"]\nexplicit = \"true\"\n",
        "argv = [\"a\"]\nenvironment = 5\n",
        "argv = [\"a\"]\nmodel = [\"-m\", \"{model}\"]\n",
        "argv = [\"a\", \"{model}\"]\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        ParseToolTable(absl::StrCat(kTool, rest)).status()))
        << rest;
  }
  EXPECT_TRUE(ParseToolTable(absl::StrCat(kTool, "argv = [\"a\"]\n")).ok());
}

TEST(ParseToolTable, ReadsAccessModesAndConversations) {
  const absl::StatusOr<std::vector<AgentTool>> tools = ParseToolTable(R"(
[[tool]]
name = "chooses"
family = "openai"
argv = ["a", "{access}"]
resume = ["a", "{access}", "--resume", "{conversation}"]
conversation = 'id: (\w+)'
prompt = "stdin"
[tool.access.read-only]
arguments = ["--plan"]
[tool.access.full]
environment = { X = "1" }

[[tool]]
name = "is-told"
family = "other"
argv = ["b", "--id", "{conversation}"]
resume = ["b", "--resume", "{conversation}"]
prompt = "stdin"
)");
  ASSERT_TRUE(tools.ok()) << tools.status();
  const AgentTool& chooses = tools->front();
  EXPECT_THAT(chooses.resume_argv,
              ElementsAre("a", "{access}", "--resume", "{conversation}"));
  EXPECT_EQ(chooses.conversation_pattern, R"(id: (\w+))");
  ASSERT_EQ(chooses.access.size(), 2);
  EXPECT_THAT(chooses.access.at("read-only").arguments, ElementsAre("--plan"));
  EXPECT_THAT(chooses.access.at("full").environment,
              ElementsAre(Pair("X", "1")));
  EXPECT_THAT(tools->back().argv, ElementsAre("b", "--id", "{conversation}"));
  EXPECT_THAT(tools->back().access, IsEmpty());
}

TEST(ParseToolTable, RefusesWrongAccessModes) {
  const auto with = [](absl::string_view argv, absl::string_view access) {
    return ToolWith(absl::StrCat("family = \"x\"\nargv = [", argv,
                                 "]\nprompt = \"stdin\"\n", access));
  };
  ExpectMalformed(with(R"("a")", "access = 1\n"), 6,
                  "'access' must be a table of tables");
  ExpectMalformed(with(R"("a")", "access = { full = 1 }\n"), 6,
                  "'access' must be a table of tables");
  ExpectMalformed(with(R"("a")", "[tool.access.some]\n"), 6,
                  "unknown key 'some'");
  ExpectMalformed(with(R"("a")", "[tool.access.full]\nargv = []\n"), 7,
                  "unknown key 'argv'");
  ExpectMalformed(with(R"("a")", "[tool.access.full]\narguments = [\"x\"]\n"),
                  1, "'argv' must have \"{access}\"");
  ExpectMalformed(with(R"("a", "{access}")", "[tool.access.full]\n"), 1,
                  "'argv' must have \"{access}\"");
}

TEST(ParseToolTable, RefusesConversationsThatDoNotGoTogether) {
  const auto with = [](absl::string_view argv, absl::string_view rest) {
    return ToolWith(absl::StrCat("family = \"x\"\nargv = [", argv,
                                 "]\nprompt = \"stdin\"\n", rest));
  };
  constexpr absl::string_view kResume =
      "resume = [\"a\", \"{conversation}\"]\n";
  ExpectMalformed(with(R"("a")", kResume), 1, "'resume' needs either");
  ExpectMalformed(with(R"("a", "{conversation}")",
                       absl::StrCat(kResume, "conversation = '(x)'\n")),
                  1, "'resume' needs either");
  ExpectMalformed(with(R"("a", "{conversation}")", ""), 1, "no 'resume'");
  ExpectMalformed(with(R"("a")", "conversation = '(x)'\n"), 1, "no 'resume'");
  ExpectMalformed(with(R"("a", "{conversation}")", "resume = [\"a\"]\n"), 1,
                  "'resume' must have \"{conversation}\" once");
  ExpectMalformed(with(R"("a")", absl::StrCat(kResume, "conversation = 'x'\n")),
                  7, "a pattern with one group is wanted, not with 0");
  ExpectMalformed(with(R"("a")", absl::StrCat(kResume, "conversation = '('\n")),
                  7, "'conversation': missing )");
}

}  // namespace
}  // namespace csa
