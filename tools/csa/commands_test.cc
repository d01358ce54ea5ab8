#include "tools/csa/commands.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {

namespace {

using ::testing::HasSubstr;
using Words = std::vector<std::string>;

// The program and its arguments.
using Parsed = std::pair<std::string, Words>;

Parsed Parse(const Words& words) {
  const Invocation invocation = ParseInvocation(words);
  return {invocation.program, invocation.arguments};
}

TEST(ParseInvocation, ACommandTakesWhatFollows) {
  EXPECT_EQ(Parse({"wait", "ID"}), Parsed("csa-wait", {"ID"}));
  EXPECT_EQ(Parse({"run"}), Parsed("csa-run", {}));
  EXPECT_EQ(Parse({"spawn", "--", "help", "--cd", "-h"}),
            Parsed("csa-spawn", {"--", "help", "--cd", "-h"}));
}

TEST(ParseInvocation, F06_GlobalOptionsBeforeTheCommandAreItsOwn) {
  EXPECT_EQ(Parse({"--format", "json", "wait", "ID"}),
            Parsed("csa-wait", {"--format", "json", "ID"}));
  EXPECT_EQ(Parse({"--format=json", "wait", "ID"}),
            Parsed("csa-wait", {"--format=json", "ID"}));
  EXPECT_EQ(Parse({"--json", "wait", "ID"}),
            Parsed("csa-wait", {"--json", "ID"}));
  EXPECT_EQ(Parse({"--cd", "run", "--format=json", "run", "x"}),
            Parsed("csa-run", {"--cd", "run", "--format=json", "x"}));
  EXPECT_EQ(Parse({"--cd=/x", "--format", "json", "run", "--cd=/y"}),
            Parsed("csa-run", {"--cd=/x", "--format", "json", "--cd=/y"}));
  for (const std::string option : {"--help", "-h", "--version"}) {
    EXPECT_EQ(Parse({option, "kill"}), Parsed("csa-kill", {option}));
  }
}

TEST(ParseInvocation, SessionMayStandBeforeACommand) {
  EXPECT_EQ(Parse({"session", "wait", "--session", "ID"}),
            Parsed("csa-wait", {"--session", "ID"}));
  EXPECT_EQ(Parse({"--format=json", "session", "kill", "ID"}),
            Parsed("csa-kill", {"--format=json", "ID"}));
  EXPECT_EQ(Parse({"run", "session"}), Parsed("csa-run", {"session"}));
}

TEST(ParseInvocation, HelpAsksTheCommand) {
  EXPECT_EQ(Parse({"help", "wait"}), Parsed("csa-wait", {"--help"}));
  EXPECT_EQ(Parse({"help", "session", "wait"}), Parsed("csa-wait", {"--help"}));
  EXPECT_EQ(Parse({"session", "help", "wait"}), Parsed("csa-wait", {"--help"}));
  EXPECT_EQ(Parse({"--cd", "/x", "help", "--format=json", "ps"}),
            Parsed("csa-list", {"--cd", "/x", "--format=json", "--help"}));
}

TEST(ParseInvocation, HelpIsAManualPage) {
  for (const Words& words : {Words{"help", "wait"},
                             {"session", "help", "wait"},
                             {"--format", "json", "help", "wait"}}) {
    EXPECT_TRUE(ParseInvocation(words).manual_page);
  }
  for (const Words& words : {Words{"help"},
                             {"wait", "--help"},
                             {"--help", "wait"},
                             {"wait", "help"}}) {
    EXPECT_FALSE(ParseInvocation(words).manual_page);
  }
}

TEST(ParseInvocation, HelpAloneNamesNoCommand) {
  EXPECT_EQ(Parse({"help"}), Parsed("", {"--help"}));
  EXPECT_EQ(Parse({"help", "help"}), Parsed("", {"--help"}));
  EXPECT_EQ(Parse({"session", "help"}), Parsed("", {"--help"}));
  EXPECT_EQ(Parse({"help", "session"}), Parsed("", {"--help"}));
}

TEST(ParseInvocation, OptionsAloneNameNoCommand) {
  for (const Words& words : {Words{},
                             {"--help"},
                             {"--version"},
                             {"--format", "json"},
                             {"--format"},
                             {"--cd"},
                             {"--bogus"},
                             {"--bogus", "wait"},
                             {"--help", "--bogus"},
                             {"--", "wait"}}) {
    EXPECT_EQ(Parse(words), Parsed("", words));
  }
  EXPECT_EQ(Parse({"session"}), Parsed("", {}));
  EXPECT_EQ(Parse({"session", "--help"}), Parsed("", {"--help"}));
}

TEST(ParseInvocation, AnUnknownCommandIsTakenAsItIs) {
  EXPECT_EQ(Parse({"wiat", "ID"}), Parsed("csa-wiat", {"ID"}));
  EXPECT_EQ(Parse({"session", "list"}), Parsed("csa-list", {}));
  EXPECT_EQ(Parse({""}), Parsed("csa-", {}));
}

TEST(NearestCommand, KnowsWhatWasMeant) {
  EXPECT_EQ(NearestCommand("wait"), "wait");
  EXPECT_EQ(NearestCommand("wiat"), "wait");
  EXPECT_EQ(NearestCommand("atach"), "attach");
  EXPECT_EQ(NearestCommand("spwan"), "spawn");
  EXPECT_EQ(NearestCommand("runn"), "run");
  EXPECT_EQ(NearestCommand("frobnicate"), "");
  EXPECT_EQ(NearestCommand(""), "");
}

TEST(DescribeCommands, HasALineForEach) {
  for (const std::string name :
       {"run", "spawn", "wait", "kill", "attach", "logs", "status", "result",
        "list", "gc", "config", "doctor", "review", "debate", "plan"}) {
    EXPECT_THAT(DescribeCommands(), HasSubstr("\n  " + name + " "));
  }
}

}  // namespace
}  // namespace csa
