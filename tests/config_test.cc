// Promise: the user's file and the project's say which tool is run and how, as
// csa config show tells; what came with a repository defines nothing that is
// run, and a mistake is found before anything is started.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// A tool that the user's file defines.
constexpr char kHelper[] = R"(
[[tool]]
name = "helper"
family = "other"
argv = ["helper", "{model}"]
model = ["-m", "{model}"]
prompt = "stdin"
)";

// A test with a project, and a PATH on which there are agents that print their
// arguments and some of their environment.
class ConfigTest : public CsaTest {
 protected:
  ConfigTest() {
    fs::create_directories(scratch().PathOf("configuration/csa"));
    fs::create_directories(scratch().PathOf("project/.csa"));
    fs::create_directories(scratch().PathOf("bin"));
  }

  std::string UserPath() const {
    return scratch().PathOf("configuration/csa/config.toml");
  }
  std::string ProjectPath() const {
    return scratch().PathOf("project/.csa/config.toml");
  }
  void User(const std::string& text) const { WriteFile(UserPath(), text); }
  void Project(const std::string& text) const {
    WriteFile(ProjectPath(), text);
  }

  void Install(const std::string& agent) const {
    const std::string path = scratch().PathOf("bin/" + agent);
    WriteFile(path,
              "#!/bin/sh\nprintf '<%s>' \"${0##*/}\" \"$@\" \"A=$A\"\ncat\n");
    EXPECT_EQ(chmod(path.c_str(), 0700), 0);
  }

  // Runs csa in the project.
  Ended InProject(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--cd", scratch().PathOf("project")});
    return Csa(arguments, {.environment = {{"PATH", scratch().PathOf("bin") +
                                                        ":/usr/bin:/bin"}}});
  }

  // What an agent prints that csa run starts there.
  std::string OutputOf(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "run");
    const Ended run = InProject(arguments);
    EXPECT_EQ(run.exit_status, 0) << run.error;
    return Wait(std::string(absl::StripSuffix(run.output, "\n"))).output;
  }

  // Expects that csa run and csa config show refuse the files that there are.
  void ExpectMistake(const std::string& path, const std::string& says) const {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{
             {"run", "--tool=sh", "echo started"}, {"config", "show"}}) {
      const Ended ended = InProject(arguments);
      EXPECT_EQ(ended.exit_status, 125) << says;
      EXPECT_EQ(ended.output, "");
      EXPECT_THAT(ended.error,
                  AllOf(StartsWith("csa-"), HasSubstr(path), HasSubstr(says)));
    }
    EXPECT_THAT(StoreEntries(), IsEmpty());
  }

  // A mistake of the project's file only.
  void ExpectProjectMistake(const std::string& text, const std::string& where,
                            const std::string& says) const {
    Project(text);
    ExpectMistake(absl::StrCat("/project/.csa/config.toml:", where, ": "),
                  says);
  }

  std::vector<std::string> Shown() const {
    const Ended show = InProject({"config", "show"});
    EXPECT_EQ(show.exit_status, 0) << show.error;
    return absl::StrSplit(show.output, '\n');
  }
};

TEST_F(ConfigTest, TheDefaultToolIsRunAsItIsConfigured) {
  Install("codex");
  Install("helper");
  User(
      absl::StrCat("default_tool = \"helper\"\n[tools.helper]\nmodel = \"m\"\n"
                   "environment = { A = \"user\" }\n",
                   kHelper));
  EXPECT_EQ(OutputOf({"do it"}), "<helper><-m><m><A=user>do it");
  EXPECT_EQ(OutputOf({"--model=n", "--env=A=given", "do it"}),
            "<helper><-m><n><A=given>do it");
  EXPECT_THAT(OutputOf({"--tool=codex", "do it"}),
              AllOf(StartsWith("<codex>"), EndsWith("<A=>do it")));
  Project("default_tool = \"codex\"\n");
  EXPECT_THAT(OutputOf({"do it"}), StartsWith("<codex>"));
  Project("tools.helper.model = \"project\"\n");
  EXPECT_EQ(OutputOf({"do it"}), "<helper><-m><project><A=user>do it");
}

TEST_F(ConfigTest, TheOrderOfPreference) {
  Install("codex");
  Install("helper");
  User(absl::StrCat("prefer = [\"helper\"]\n", kHelper));
  EXPECT_THAT(OutputOf({"do it"}), StartsWith("<helper>"));
  Project("prefer = [\"codex\"]\n");
  EXPECT_THAT(OutputOf({"do it"}), StartsWith("<codex>"));
  ASSERT_EQ(unlink(scratch().PathOf("bin/codex").c_str()), 0);
  EXPECT_THAT(OutputOf({"do it"}), StartsWith("<helper>"));
}

TEST_F(ConfigTest, F04_ATierFailsOver) {
  Install("helper");
  User(
      absl::StrCat("default_tool = \"codex\"\n[tiers.strong]\n"
                   "tools = [\"codex:big\", \"helper:small\"]\n",
                   kHelper));
  EXPECT_EQ(OutputOf({"--tier=strong", "x"}), "<helper><-m><small><A=>x");
  const Ended over = InProject({"run", "--tier=strong", "x"});
  EXPECT_THAT(over.error,
              StartsWith("csa-run: tier strong: codex is not installed (codex "
                         "is not on PATH); taking helper\n<!-- CSA:SESSION_"));
  Install("codex");
  EXPECT_THAT(OutputOf({"--tier=strong", "x"}),
              AllOf(StartsWith("<codex>"), HasSubstr("<--model><big>")));
  EXPECT_THAT(InProject({"run", "--tier=strong", "x"}).error,
              StartsWith("<!-- "));
}

TEST_F(ConfigTest, F03_ATierThatCannotBe) {
  User(absl::StrCat("tiers.strong.tools = [\"codex\", \"helper\"]\n", kHelper));
  const auto refused = [&](const std::vector<std::string>& options, int status,
                           const std::string& says) {
    std::vector<std::string> arguments = {"run", "x"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Ended run = InProject(arguments);
    EXPECT_EQ(run.exit_status, status);
    EXPECT_EQ(run.output, "");
    EXPECT_THAT(run.error, HasSubstr(says));
    EXPECT_THAT(StoreEntries(), IsEmpty());
  };
  refused({"--tier=strong"}, 127,
          "codex is not on PATH), helper is not installed");
  refused({"--tier=stronk"}, 125, "did you mean strong? the tiers are strong");
  refused({"--tier=strong", "--tool=sh"}, 125, "--tool or --tier, not both");
  User("default_tool = \"codex\"\n");
  refused({"--tier=strong"}, 125, "the configuration has none");
  refused({}, 127, absl::StrCat("default_tool, ", UserPath(), ":1"));
}

TEST_F(ConfigTest, TimeoutsAreThoseOfTheTool) {
  User("[tools.sh]\ntimeout = \"100ms\"\n");
  const Ended run = InProject({"run", "--tool=sh", "exec sleep 1000"});
  ASSERT_EQ(run.exit_status, 0) << run.error;
  const std::string id = run.output.substr(0, 26);
  EXPECT_EQ(Wait(id).exit_status, 143);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kTimeout);
}

TEST_F(ConfigTest, F03_AProjectDefinesNeitherCommandsNorEnvironment) {
  Install("codex");
  ExpectProjectMistake(absl::StrCat("default_tool = \"helper\"\n", kHelper),
                       "3: tool", "your own, ~/.config/csa/config.toml");
  ExpectProjectMistake("[tools.codex]\nenvironment = { PATH = \".\" }\n",
                       "2: tools.codex.environment", "your own");
  ExpectProjectMistake("[tools.codex.environment]\nLD_PRELOAD = \"./x\"\n",
                       "1: tools.codex.environment", "your own");
  ExpectProjectMistake("\ntools.codex.access = \"full\"\n",
                       "2: tools.codex.access", "your own");
  ExpectProjectMistake("[tools.codex]\nargv = [\"./x\"]\n",
                       "2: tools.codex.argv", "unknown key");
}

TEST_F(ConfigTest, F03_AProjectDoesNotMakeAPromptAScript) {
  const std::map<std::string, std::string> files = {
      {"default_tool", "\"sh\""},
      {"prefer", R"(["codex", "sh"])"},
      {"tiers.a.tools", "[\"sh\"]"}};
  for (const auto& [key, value] : files) {
    ExpectProjectMistake(absl::StrCat(key, " = ", value, "\n"), "1: " + key,
                         "only when --tool sh asks for it");
  }
}

TEST_F(ConfigTest, F03_NoModelIsAnOption) {
  Install("codex");
  ExpectProjectMistake("tools.codex.model = \"-c\"\n", "1: tools.codex.model",
                       "would take it for an option");
  ExpectProjectMistake("tiers.a.tools = [\"codex:--help\"]\n",
                       "1: tiers.a.tools", "would take it for an option");
  Project("");
  const Ended run = InProject({"run", "--model=--help", "x"});
  EXPECT_EQ(run.exit_status, 125);
  EXPECT_THAT(run.error, HasSubstr("would take it for an option"));
  EXPECT_THAT(StoreEntries(), IsEmpty());
}

TEST_F(ConfigTest, F03_AMistakeIsNamedWithItsPlace) {
  User("\n\ndefault_tol = \"codex\"\n");
  ExpectMistake(UserPath() + ":3: default_tol: ", "did you mean default_tool?");
  User("[tools.codex]\ntimeout = \"soon\"\n");
  ExpectMistake(UserPath() + ":2: tools.codex.timeout: ", "'soon'");
  User("prefer = [\n");
  ExpectMistake(UserPath() + ":", "");
  User("[tools.codex.environment]\nCSA_SESSION_ID = \"x\"\n");
  ExpectMistake(UserPath() + ":2: tools.codex.environment.CSA_SESSION_ID: ",
                "set by csa itself");
  User("\"\\u001B[31m\\nforged\" = 1\n");
  ExpectMistake(UserPath() + ":1: ", "unknown key");
  EXPECT_THAT(InProject({"config", "show"}).error,
              AllOf(Not(HasSubstr("\x1B")), Not(HasSubstr("\nforged"))));
}

TEST_F(ConfigTest, F03_AHostileFileHoldsNobodyUp) {
  const std::string path = ProjectPath();
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  ExpectMistake(".csa/config.toml", "is no regular file");
  ASSERT_EQ(unlink(path.c_str()), 0);
  fs::create_symlink("/dev/zero", path);
  ExpectMistake(".csa/config.toml", "no symbolic link");
  ASSERT_EQ(unlink(path.c_str()), 0);
  Project(std::string(size_t{2} << 20, '#'));
  ExpectMistake(".csa/config.toml", "longer than 1048576 bytes");
  std::string deep = "a";
  for (int i = 0; i < 400'000; ++i) deep += ".a";
  for (const std::string& text :
       {deep + " = 1\n", "[" + deep + "]\n", std::string(900'000, '['),
        "prefer = " + std::string(900'000, '['), std::string(900'000, '\0'),
        std::string(900'000, '\xFF'), std::string(900'000, '\n') + "x = 1"}) {
    Project(text);
    ExpectMistake("/project/.csa/config.toml:", "");
  }
}

TEST_F(ConfigTest, OnlyRunAndConfigReadIt) {
  User("x = 1\n");
  EXPECT_EQ(InProject({"list"}).exit_status, 0);
  EXPECT_EQ(InProject({"run", "--help"}).exit_status, 0);
  const std::string id = Spawn({"--", "true"});
  EXPECT_EQ(Wait(id).exit_status, 0);
}

TEST_F(ConfigTest, ShowTellsWhereEachValueComesFrom) {
  EXPECT_THAT(Shown(), Contains(AllOf(StartsWith("prefer = [\"codex\""),
                                      EndsWith("]  # builtin"))));
  User("default_tool = \"codex\"\n\n[tools.codex]\ntimeout = 90\n");
  Project("default_tool = \"codex\"\n");
  const std::string project = fs::canonical(ProjectPath());
  EXPECT_THAT(Shown(),
              AllOf(Contains(absl::StrCat("default_tool = \"codex\"  # project "
                                          "file ",
                                          project, ":1")),
                    Contains(absl::StrCat("tools.codex.timeout = \"90\"  # "
                                          "user file ",
                                          UserPath(), ":4"))));
  const Ended json = InProject({"config", "show", "--json"});
  const nlohmann::json first =
      nlohmann::json::parse(json.output.substr(0, json.output.find('\n')));
  EXPECT_EQ(first["key"], "default_tool");
  EXPECT_EQ(first["value"], "codex");
  EXPECT_EQ(first["origin"], "project file");
  EXPECT_EQ(first["file"], project);
  EXPECT_EQ(first["line"], 1);
}

// What is left of the lines without their origins.
std::vector<std::string> Values(const std::vector<std::string>& lines) {
  std::vector<std::string> values;
  values.reserve(lines.size());
  for (const std::string& line : lines) {
    values.push_back(line.substr(0, line.rfind("  # ")));
  }
  return values;
}

TEST_F(ConfigTest, WhatShowPrintsIsAFileThatSaysTheSame) {
  User(absl::StrCat(
      "default_tool = \"helper\"\nprefer = [\"helper\"]\n"
      "[tiers.\"very strong\"]\ntools = [\"codex:a#b\", \"helper\"]\n"
      "[tools.codex]\nmodel = \"\\\"\"\naccess = \"read-only\"\n"
      "idle_timeout = \"1h30m\"\n"
      "environment = { A = \"#\\n\", \"B C\" = \"\" }\n",
      kHelper, "environment = { X = \"\\\\\" }\n"));
  const std::vector<std::string> shown = Shown();
  User(absl::StrJoin(shown, "\n"));
  EXPECT_EQ(Values(Shown()), Values(shown));
  EXPECT_THAT(Values(shown), Contains("tiers.\"very strong\".tools = "
                                      "[\"codex:a#b\", \"helper\"]"));
}

TEST_F(ConfigTest, F03_ConfigIsToldWhatToDo) {
  for (const std::vector<std::string>& operands :
       std::vector<std::vector<std::string>>{{}, {"set"}, {"show", "x"}}) {
    std::vector<std::string> arguments = {"config"};
    arguments.insert(arguments.end(), operands.begin(), operands.end());
    const Ended ended = InProject(arguments);
    EXPECT_EQ(ended.exit_status, 125);
    EXPECT_THAT(ended.error,
                AllOf(HasSubstr("csa config show"), HasSubstr("--help")));
  }
}

}  // namespace
}  // namespace csa
