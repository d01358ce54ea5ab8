#include "common/agent/configuration.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Configuration WithTools() {
  return BuiltinConfiguration({{.name = "codex"},
                               {.name = "sh", .explicit_only = true},
                               {.name = "claude"}});
}

TEST(BuiltinConfiguration, PrefersTheToolsInTheirOrder) {
  const Configuration configuration = WithTools();
  EXPECT_EQ(configuration.tools.size(), 3);
  EXPECT_EQ(configuration.settings.size(), 1);
  EXPECT_THAT(ListOf(configuration, {"prefer"}),
              ElementsAre("codex", "claude"));
  const Setting* const prefer = FindSetting(configuration, {"prefer"});
  ASSERT_NE(prefer, nullptr);
  EXPECT_EQ(OriginName(prefer->origin), "builtin");
  EXPECT_EQ(prefer->line, 0);
  EXPECT_EQ(prefer->file, "");
}

TEST(CompletePreference, AddsWhatIsMissing) {
  Configuration configuration = WithTools();
  configuration.settings[{"prefer"}].value = std::vector<std::string>{"claude"};
  CompletePreference(configuration);
  EXPECT_THAT(ListOf(configuration, {"prefer"}),
              ElementsAre("claude", "codex"));
}

TEST(FindTool, KnowsThoseOfTheTable) {
  const Configuration configuration = WithTools();
  ASSERT_NE(FindTool(configuration, "sh"), nullptr);
  EXPECT_TRUE(FindTool(configuration, "sh")->explicit_only);
  EXPECT_EQ(FindTool(configuration, ""), nullptr);
  EXPECT_EQ(FindTool(configuration, "s"), nullptr);
}

TEST(TierNames, AreThoseThatHaveTools) {
  Configuration configuration = WithTools();
  EXPECT_THAT(TierNames(configuration), IsEmpty());
  for (const char* name : {"strong", "cheap"}) {
    configuration.settings[{"tiers", name, "tools"}].value =
        std::vector<std::string>{"codex"};
  }
  EXPECT_THAT(TierNames(configuration), ElementsAre("cheap", "strong"));
  EXPECT_THAT(ListOf(configuration, {"tiers", "cheap", "tools"}),
              ElementsAre("codex"));
  EXPECT_THAT(ListOf(configuration, {"tiers", "none", "tools"}), IsEmpty());
}

TEST(ParseTierTool, TheModelIsWhatFollowsTheFirstColon) {
  EXPECT_EQ(ParseTierTool("codex").tool, "codex");
  EXPECT_EQ(ParseTierTool("codex").model, "");
  EXPECT_EQ(ParseTierTool("local:qwen:7b").tool, "local");
  EXPECT_EQ(ParseTierTool("local:qwen:7b").model, "qwen:7b");
  EXPECT_EQ(ParseTierTool(":").tool, "");
  EXPECT_EQ(ParseTierTool(":").model, "");
}

TEST(SettingsOf, AreThoseOfOneTool) {
  Configuration configuration = WithTools();
  auto& settings = configuration.settings;
  settings[{"tools", "codex", "model"}].value = "m";
  settings[{"tools", "codex", "access"}].value = "full";
  settings[{"tools", "codex", "timeout"}].value = "90";
  settings[{"tools", "codex", "idle_timeout"}].value = "1h30m";
  settings[{"tools", "codex", "environment", "A"}].value = "1";
  settings[{"tools", "sh", "environment", "B"}].value = "2";
  const ToolSettings codex = SettingsOf(configuration, "codex");
  EXPECT_EQ(codex.model, "m");
  EXPECT_EQ(codex.access, "full");
  EXPECT_EQ(codex.timeout, absl::Seconds(90));
  EXPECT_EQ(codex.idle_timeout, absl::Minutes(90));
  EXPECT_THAT(codex.environment, ElementsAre(Pair("A", "1")));
  const ToolSettings claude = SettingsOf(configuration, "claude");
  EXPECT_EQ(claude.model, "");
  EXPECT_EQ(claude.access, "");
  EXPECT_EQ(claude.timeout, std::nullopt);
  EXPECT_EQ(claude.idle_timeout, std::nullopt);
  EXPECT_THAT(claude.environment, IsEmpty());
}

TEST(FormatKey, QuotesWhatCannotStandBare) {
  EXPECT_EQ(FormatKey({"tools", "a-B_1", "model"}), "tools.a-B_1.model");
  EXPECT_EQ(FormatKey({"tiers", "a.b", ""}), R"(tiers."a.b"."")");
  EXPECT_EQ(FormatKey({"\"\n"}), R"("\"\u000A")");
}

}  // namespace
}  // namespace csa
