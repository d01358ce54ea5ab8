#include "common/agent/configuration_reader.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/agent/agent_tool.h"
#include "common/os/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kDefinition[] =
    "[[tool]]\nname = \"mine\"\nfamily = \"other\"\nargv = [\"my-agent\"]\n"
    "prompt = \"stdin\"\n";

Configuration Builtin() {
  return BuiltinConfiguration(
      {{.name = "codex", .model_arguments = {"--model", "{model}"}},
       {.name = "sh", .explicit_only = true},
       {.name = "claude", .model_arguments = {"--model", "{model}"}},
       {.name = "plain"}});
}

absl::StatusOr<Configuration> User(absl::string_view text,
                                   const Configuration& below = Builtin()) {
  return WithFile(below, {Origin::kUserFile, "/u", std::string(text)});
}

absl::StatusOr<Configuration> Project(absl::string_view text,
                                      const Configuration& below = Builtin()) {
  return WithFile(below, {Origin::kProjectFile, "/p", std::string(text)});
}

std::string Text(const Configuration& configuration,
                 const ConfigurationKey& key) {
  const Setting* const setting = FindSetting(configuration, key);
  return setting == nullptr ? "none" : std::get<std::string>(setting->value);
}

// Expects that the user's file `text` is refused.
void ExpectWrongForUser(absl::string_view text, absl::string_view where,
                        absl::string_view fault) {
  const absl::Status status = User(text).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith(absl::StrCat("/u:", where)),
                    HasSubstr(std::string(fault))))
      << text;
}

// Expects it of the project's as well, for the same reason.
void ExpectWrong(absl::string_view text, absl::string_view where,
                 absl::string_view fault) {
  ExpectWrongForUser(text, where, fault);
  EXPECT_EQ(
      Project(text).status().message(),
      absl::StrReplaceAll(User(text).status().message(), {{"/u:", "/p:"}}));
}

TEST(WithFile, AnEmptyOneSaysNothing) {
  EXPECT_EQ(User("")->settings.size(), 1);
  EXPECT_EQ(Project("# nothing\n[tools.codex]\n")->settings.size(), 1);
}

TEST(WithFile, EachKeyIsASettingWithItsPlace) {
  const absl::StatusOr<Configuration> configuration = User(R"(
default_tool = "claude"
prefer = ["claude"]
[tiers.strong]
tools = ["codex:gpt-5:x", "plain"]
[tools.codex]
model = "m"
access = "read-only"
timeout = "2h"
idle_timeout = 90
environment = { A = "b", "C D" = "" }
[tools.sh]
timeout = "5m"
)");
  ASSERT_TRUE(configuration.ok()) << configuration.status();
  EXPECT_EQ(Text(*configuration, {"default_tool"}), "claude");
  EXPECT_THAT(ListOf(*configuration, {"prefer"}),
              ElementsAre("claude", "codex", "plain"));
  EXPECT_THAT(ListOf(*configuration, {"tiers", "strong", "tools"}),
              ElementsAre("codex:gpt-5:x", "plain"));
  const ToolSettings codex = SettingsOf(*configuration, "codex");
  EXPECT_EQ(codex.model, "m");
  EXPECT_EQ(codex.access, "read-only");
  EXPECT_EQ(codex.timeout, absl::Hours(2));
  EXPECT_EQ(codex.idle_timeout, absl::Seconds(90));
  EXPECT_EQ(codex.environment.at("A"), "b");
  EXPECT_EQ(codex.environment.at("C D"), "");
  EXPECT_EQ(SettingsOf(*configuration, "sh").timeout, absl::Minutes(5));
  for (const auto& [key, setting] : configuration->settings) {
    EXPECT_EQ(setting.origin, Origin::kUserFile) << FormatKey(key);
    EXPECT_EQ(setting.file, "/u");
  }
  const auto line = [&](const ConfigurationKey& key) {
    return configuration->settings.at(key).line;
  };
  EXPECT_EQ(line({"default_tool"}), 2);
  EXPECT_EQ(line({"tiers", "strong", "tools"}), 5);
  EXPECT_EQ(line({"tools", "codex", "environment", "A"}), 11);
}

TEST(WithFile, TheProjectsTakesThePlaceOfTheUsersKeyByKey) {
  const Configuration user = User(R"(
default_tool = "claude"
prefer = ["claude"]
tiers.a.tools = ["claude"]
tiers.b.tools = ["claude"]
[tools.codex]
model = "user"
timeout = "1h"
)")
                                 .value();
  const Configuration both = Project(R"(
prefer = ["plain"]
tiers.b.tools = ["codex"]
tools.codex.model = "project"
)",
                                     user)
                                 .value();
  EXPECT_EQ(Text(both, {"default_tool"}), "claude");
  EXPECT_THAT(ListOf(both, {"prefer"}),
              ElementsAre("plain", "codex", "claude"));
  EXPECT_THAT(ListOf(both, {"tiers", "a", "tools"}), ElementsAre("claude"));
  EXPECT_THAT(ListOf(both, {"tiers", "b", "tools"}), ElementsAre("codex"));
  EXPECT_EQ(Text(both, {"tools", "codex", "model"}), "project");
  EXPECT_EQ(Text(both, {"tools", "codex", "timeout"}), "1h");
  EXPECT_EQ(both.settings.at({"tools", "codex", "model"}).origin,
            Origin::kProjectFile);
  EXPECT_EQ(both.settings.at({"tools", "codex", "model"}).file, "/p");
  EXPECT_EQ(both.settings.at({"tools", "codex", "timeout"}).origin,
            Origin::kUserFile);
}

TEST(WithFile, TheUsersDefinesTools) {
  const absl::StatusOr<Configuration> user =
      User(absl::StrCat("default_tool = \"mine\"\n", kDefinition,
                        "environment = { A = \"b\" }\n"));
  ASSERT_TRUE(user.ok()) << user.status();
  const AgentTool* const mine = FindTool(*user, "mine");
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(mine, &user->tools.back());
  EXPECT_THAT(mine->argv, ElementsAre("my-agent"));
  EXPECT_THAT(ListOf(*user, {"prefer"}),
              ElementsAre("codex", "claude", "plain", "mine"));
  EXPECT_EQ(user->settings.at({"prefer"}).origin, Origin::kBuiltin);
  EXPECT_EQ(Text(*user, {"tool", "mine", "prompt"}), "stdin");
  EXPECT_EQ(Text(*user, {"tool", "mine", "environment", "A"}), "b");
  EXPECT_EQ(user->settings.at({"tool", "mine", "prompt"}).line, 6);
  // The project may choose it.
  EXPECT_TRUE(
      Project("prefer = [\"mine\"]\n[tools.mine]\ntimeout = 1\n", *user).ok());
}

TEST(WithFile, AProjectsDefinesNeitherCommandsNorEnvironment) {
  const auto refused = [](absl::string_view text, absl::string_view where) {
    EXPECT_TRUE(User(text).ok()) << User(text).status();
    const absl::Status status = Project(text).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_THAT(std::string(status.message()),
                AllOf(StartsWith(absl::StrCat("/p:", where, ": ")),
                      HasSubstr("your own, ~/.config/csa/config.toml")));
  };
  refused(kDefinition, "1: tool");
  refused(absl::StrCat("\n\n", kDefinition), "3: tool");
  refused("[tools.codex]\nenvironment = { A = \"b\" }\n",
          "2: tools.codex.environment");
  refused("[tools.codex.environment]\n", "1: tools.codex.environment");
  refused("tools.codex.environment.A = \"b\"\n", "1: tools.codex.environment");
  refused("[tools.codex]\n\naccess = \"full\"\n", "3: tools.codex.access");
}

TEST(WithFile, NoFileChoosesAToolThatMustBeAskedFor) {
  for (const absl::string_view text :
       {"default_tool = \"sh\"", R"(prefer = ["codex", "sh"])"}) {
    ExpectWrong(text, "1: ", "only when --tool sh asks");
  }
  ExpectWrong("[tiers.x]\ntools = [\"codex\", \"sh\"]",
              "2: tiers.x.tools: ", "only when --tool sh asks");
  ExpectWrong("tiers.x.tools = [\"sh:m\"]",
              "1: tiers.x.tools: ", "only when --tool sh asks");
  ExpectWrongForUser(absl::StrCat("default_tool = \"mine\"\n", kDefinition,
                                  "explicit = true\n"),
                     "1: default_tool: ", "only when --tool mine asks");
}

TEST(WithFile, NoModelIsAnOption) {
  ExpectWrong("tools.codex.model = \"--help\"",
              "1: tools.codex.model: ", "take it for an option");
  ExpectWrong("tiers.x.tools = [\"codex:-c\"]",
              "1: tiers.x.tools: ", "take it for an option");
  ExpectWrong("tiers.x.tools = [\"codex:\"]", "1: tiers.x.tools: ", "empty");
  ExpectWrong(R"(tools.codex.model = "a\u000Ab")",
              "1: tools.codex.model: ", "control character");
  for (const absl::string_view text :
       {"tools.plain.model = \"m\"", "tiers.x.tools = [\"plain:m\"]"}) {
    ExpectWrong(text, "1: ", "the tool plain takes no model");
  }
}

TEST(WithFile, NamesWhatIsNotKnown) {
  ExpectWrong("a = 1", "1: a: unknown key",
              "the keys here are default_tool, prefer, tiers, tools, tool");
  ExpectWrong("\nprefr = []", "2: prefr: ", "did you mean prefer?");
  ExpectWrong("[tools.codex]\nmodle = \"m\"", "2: tools.codex.modle: ",
              "did you mean model? the keys here are model, access, timeout, "
              "idle_timeout, environment");
  ExpectWrong("[tiers.x]\ntools = [\"codex\"]\nmodel = \"m\"",
              "3: tiers.x.model: ", "the keys here are tools");
  ExpectWrong("default_tool = \"cluade\"", "1: default_tool: ",
              "unknown tool 'cluade'; did you mean claude? the tools are "
              "codex, sh, claude, plain");
  ExpectWrong("prefer = [\"\"]", "1: prefer: ", "unknown tool ''");
  ExpectWrong("[tools.x]\n", "1: tools.x: ", "unknown tool 'x'");
  ExpectWrong(R"(tiers."a b".tools = ["x"])",
              "1: tiers.\"a b\".tools: ", "unknown tool 'x'");
}

TEST(WithFile, RefusesOtherTypesAndNothing) {
  ExpectWrong("default_tool = 1", "1: default_tool: ", "must be a text");
  ExpectWrong("prefer = \"codex\"", "1: prefer: ", "must be a list of texts");
  ExpectWrong("prefer = [1]", "1: prefer: ", "must be a text");
  ExpectWrong("prefer = []", "1: prefer: ", "is empty; name a tool");
  ExpectWrong("[tiers.x]\n", "1: tiers.x: ", "has no tools");
  ExpectWrong("[tiers.x]\ntools = []\n", "2: tiers.x.tools: ", "is empty");
  ExpectWrong("tiers = 1", "1: tiers: ", "must be a table");
  ExpectWrong("tiers.x = [\"codex\"]", "1: tiers.x: ", "must be a table");
  ExpectWrong("tools.codex = \"m\"", "1: tools.codex: ", "must be a table");
  ExpectWrong("[[tools]]\nname = \"codex\"\n", "1: tools: ", "must be a table");
  for (const absl::string_view timeout : {"0", "-1", "\"\"", "\"2 h\""}) {
    ExpectWrong(absl::StrCat("tools.sh.timeout = ", timeout),
                "1: tools.sh.timeout: ", "is no duration");
  }
  ExpectWrong("tools.sh.idle_timeout = 1.5",
              "1: tools.sh.idle_timeout: ", "must be a duration");
  ExpectWrongForUser("tools.sh.access = \"all\"", "1: tools.sh.access: ",
                     "must be read-only, workspace or full");
  ExpectWrongForUser("tools.sh.environment = [\"A=b\"]",
                     "1: tools.sh.environment: ", "must be a table");
}

TEST(WithFile, RefusesAnEnvironmentThatCannotBe) {
  const auto wrong = [](absl::string_view name, absl::string_view fault) {
    ExpectWrongForUser(
        absl::StrCat("[tools.sh.environment]\n", name, " = \"x\""),
        "2: tools.sh.environment.", fault);
    ExpectWrongForUser(
        absl::StrCat(kDefinition, "[tool.environment]\n", name, " = \"x\""),
        "7: tool.mine.environment.", fault);
  };
  wrong("CSA_SESSION_ID", "is set by csa itself");
  wrong("\"\"", "no name of a variable");
  wrong("\"A=B\"", "no name of a variable");
  wrong(R"("A\u0000")", "no name of a variable");
  ExpectWrongForUser("tools.sh.environment.A = 1",
                     "1: tools.sh.environment.A: ", "must be a text");
  ExpectWrongForUser(R"(tools.sh.environment.A = "\u0000")",
                     "1: tools.sh.environment.A: ", "NUL");
}

TEST(WithFile, RefusesADefinitionThatIsNone) {
  ExpectWrongForUser("tool = \"claude\"", "1: tool: ", "default_tool");
  ExpectWrongForUser("[tool]\nname = \"x\"", "1: tool: ", "[[tool]]");
  ExpectWrongForUser("\n[[tool]]\nname = \"mine\"\n",
                     "2: tool: ", "'family' must be a text");
  ExpectWrongForUser(absl::StrCat("\n", kDefinition, "x = 1\n"),
                     "7: tool: ", "unknown key 'x'");
  ExpectWrongForUser(absl::StrCat(kDefinition, kDefinition),
                     "6: tool: ", "'mine' comes twice");
  const auto named = [](absl::string_view name) {
    return absl::StrCat("[[tool]]\nfamily = \"other\"\nargv = [\"a\"]\n",
                        "prompt = \"stdin\"\nname = \"", name, "\"\n");
  };
  ExpectWrongForUser(named("codex"), "1: tool.codex: ", "already");
  for (const absl::string_view name : {"a:b", "-a", "a b", "\\u0000"}) {
    ExpectWrongForUser(named(name), "1: tool.", "a tool's name has letters");
  }
  ExpectWrongForUser(absl::StrReplaceAll(kDefinition, {{"my-", "\\u0000"}}),
                     "4: tool.mine.argv: ", "NUL");
}

TEST(WithFile, RefusesWhatIsNoToml) {
  ExpectWrong("default_tool = \"codex\"\nprefer = \n", "2: ", "");
  ExpectWrong("\xFF", "1: ", "ASCII");
  ExpectWrong("default_tool = \"codex\"\ndefault_tool = \"codex\"\n",
              "2: ", "");
  ExpectWrong(absl::StrCat("a = ", std::string(100'000, '[')), "1: ", "");
}

// The blocks of TOML in a page.
std::vector<std::string> ExamplesIn(const std::string& path) {
  const std::string page = ReadFileNamedByUser(path, 1 << 20).value();
  const std::vector<std::string> parts = absl::StrSplit(page, "```");
  std::vector<std::string> examples;
  for (absl::string_view part : parts) {
    if (absl::ConsumePrefix(&part, "toml\n")) examples.emplace_back(part);
  }
  return examples;
}

TEST(WithFile, ReadsTheAgentThatThePageAdds) {
  const std::vector<std::string> examples = ExamplesIn("docs/agents.md");
  ASSERT_EQ(examples.size(), 1);
  const absl::StatusOr<Configuration> user =
      User(examples[0], BuiltinConfiguration(BuiltinTools()));
  ASSERT_TRUE(user.ok()) << user.status();
  const AgentTool* const frob = FindTool(*user, "frob");
  ASSERT_NE(frob, nullptr);
  EXPECT_EQ(frob->resume_argv.back(), "{conversation}");
  EXPECT_EQ(frob->access.size(), 2);
}

TEST(WithFile, ReadsWhatThePageShows) {
  const std::vector<std::string> examples = ExamplesIn("docs/configuration.md");
  ASSERT_EQ(examples.size(), 2);
  const absl::StatusOr<Configuration> user =
      User(examples[0], BuiltinConfiguration(BuiltinTools()));
  ASSERT_TRUE(user.ok()) << user.status();
  const absl::StatusOr<Configuration> both = Project(examples[1], *user);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(SettingsOf(*both, "codex").timeout, absl::Hours(1));
  EXPECT_EQ(SettingsOf(*both, "codex").idle_timeout, absl::Minutes(10));
}

}  // namespace
}  // namespace csa
