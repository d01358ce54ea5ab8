#include "tools/config/report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using testing::ElementsAre;

Configuration Sample() {
  Configuration configuration = BuiltinConfiguration({{.name = "codex"}});
  auto& settings = configuration.settings;
  settings[{"default_tool"}] = {"codex", Origin::kProjectFile,
                                "/p/.csa/config.toml", 3};
  settings[{"tools", "codex", "environment", "A B"}] = {
      "\"\x1B", Origin::kUserFile, "/u\n", 1};
  settings[{"tool", "mine", "argv"}] = {std::vector<std::string>{"a", "b c"},
                                        Origin::kUserFile, "/u", 5};
  settings[{"tool", "mine", "explicit"}] = {true, Origin::kUserFile, "/u", 6};
  settings[{"tool", "other", "argv"}] = {std::vector<std::string>{},
                                         Origin::kUserFile, "/u", 8};
  return configuration;
}

TEST(FormatConfiguration, IsAFileThatSaysTheSame) {
  EXPECT_THAT(
      FormatConfiguration(Sample()),
      ElementsAre(
          R"(default_tool = "codex"  # project file /p/.csa/config.toml:3)",
          R"(prefer = ["codex"]  # builtin)",
          R"(tools.codex.environment."A B" = "\"\u001B"  # user file /u\x0A:1)",
          "", "[[tool]]", R"(argv = ["a", "b c"]  # user file /u:5)",
          "explicit = true  # user file /u:6", "", "[[tool]]",
          "argv = []  # user file /u:8"));
}

TEST(FormatConfigurationJson, HasAnObjectForEachSetting) {
  EXPECT_THAT(
      FormatConfigurationJson(Sample()),
      ElementsAre(
          R"({"key":"default_tool","value":"codex","origin":"project file",)"
          R"("file":"/p/.csa/config.toml","line":3})",
          R"({"key":"prefer","value":["codex"],"origin":"builtin",)"
          R"("file":null,"line":null})",
          R"({"key":"tool.mine.argv","value":["a","b c"],)"
          R"("origin":"user file","file":"/u","line":5})",
          R"({"key":"tool.mine.explicit","value":true,)"
          R"("origin":"user file","file":"/u","line":6})",
          R"({"key":"tool.other.argv","value":[],)"
          R"("origin":"user file","file":"/u","line":8})",
          R"({"key":"tools.codex.environment.\"A B\"","value":"\"\u001b",)"
          R"("origin":"user file","file":"/u\n","line":1})"));
}

}  // namespace
}  // namespace csa
