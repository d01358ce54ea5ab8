// Promise: csa list shows what there is, changes nothing, and takes a program
// for a program and a terminal for a terminal.

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

using Json = nlohmann::json;

class ListTest : public CsaTest {
 protected:
  std::vector<std::string> List(const std::vector<std::string>& options) const {
    std::vector<std::string> arguments = {"list"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Ended ended = Csa(arguments);
    EXPECT_EQ(ended.exit_status, 0) << ended.error;
    EXPECT_EQ(ended.error, "");
    return absl::StrSplit(ended.output, '\n', absl::SkipEmpty());
  }

  // What `csa list` prints on a terminal of this width.
  std::string ListOnTerminal(const std::string& columns,
                             const ProgramOptions& options = {}) const {
    const std::string command =
        absl::StrCat("stty cols ", columns, "; exec ", Tool("csa"), " list");
    const Ended ended =
        RunProgram({"script", "--quiet", "--command", command, "/dev/null"},
                   InTest(options));
    EXPECT_EQ(ended.exit_status, 0) << ended.error;
    return ended.output;
  }
};

TEST_F(ListTest, OfNothingIsNothing) {
  EXPECT_THAT(List({}), IsEmpty());
  EXPECT_THAT(List({"--format=json"}), IsEmpty());
}

TEST_F(ListTest, ShowsEachSession) {
  const std::string failed = Spawn({"--description", "first", "--label=k=v",
                                    "--tool=mine", "--", "sh", "-c", "exit 3"});
  EXPECT_EQ(Wait(failed).exit_status, 3);
  const std::string running = Spawn({"--", "sleep", "1000"});
  const std::string lost = Spawn({"--", "sleep", "1000"});
  KillSupervisor(lost);
  const std::vector<std::string> lines = List({});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0], StartsWith("ID "));
  EXPECT_THAT(lines[1], AllOf(StartsWith(lost.substr(18)), HasSubstr("lost")));
  EXPECT_THAT(lines[2], AllOf(StartsWith(running.substr(18)),
                              HasSubstr("running"), HasSubstr("sleep 1000")));
  EXPECT_THAT(lines[3],
              AllOf(StartsWith(failed.substr(18)), HasSubstr("failure"),
                    HasSubstr("mine"), HasSubstr("first")));
  EXPECT_THAT(List({"--ids"}), ElementsAre(lost, running, failed));
  EXPECT_THAT(List({"--ids", "-n2"}), ElementsAre(lost, running));
  EXPECT_THAT(List({"--ids", "-n", "1"}), ElementsAre(lost));
  EXPECT_THAT(List({"--ids", "--state", "running"}), ElementsAre(running));
  EXPECT_THAT(List({"--ids", "--label", "k=v"}), ElementsAre(failed));
  EXPECT_THAT(List({"--ids", "--tool", "mine"}), ElementsAre(failed));
  EXPECT_THAT(List({"--ids", "--since", "1h"}),
              ElementsAre(lost, running, failed));
  EXPECT_THAT(List({"--ids", "--project"}), ElementsAre(lost, running, failed));
  EXPECT_THAT(List({"--ids", "--project=/"}), IsEmpty());
  const std::vector<std::string> objects = List({"--format=json"});
  ASSERT_EQ(objects.size(), 3U);
  const Json json = Json::parse(objects[2], nullptr, false);
  EXPECT_EQ(json.value("session_id", ""), failed);
  EXPECT_EQ(json.value("exit_code", 0), 3);
  EXPECT_EQ(json["labels"]["k"], "v");
  // The short form of an id is one that every command takes.
  EXPECT_EQ(Csa({"wait", lines[3].substr(0, 8)}).exit_status, 3);
}

// Every other command says why, with 125.
TEST_F(ListTest, ShowsOneWhoseDirectoryIsRefused) {
  const std::string id = Spawn({"--", "sleep", "1000"});
  const std::filesystem::path directory = DirectoryOf(id);
  std::filesystem::permissions(directory, std::filesystem::perms::all);
  EXPECT_EQ(Csa({"status", id}).exit_status, 125);
  EXPECT_THAT(List({"--ids"}), ElementsAre(id));
  EXPECT_THAT(List({"--json"}), ElementsAre(HasSubstr(R"("state":"corrupt")")));
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  EXPECT_EQ(Kill(id).exit_status, 0);
}

TEST_F(ListTest, ShowsTwentyUnlessToldOtherwise) {
  for (int i = 0; i < 25; ++i) Spawn({"--", "true"});
  EXPECT_EQ(List({"--ids"}).size(), 20U);
  EXPECT_EQ(List({"--ids", "--all"}).size(), 25U);
  EXPECT_EQ(Csa({"ps", "--ids", "--all"}).output,
            Csa({"session", "list", "--ids", "--all"}).output);
}

TEST_F(ListTest, PutsNestedSessionsBelowTheirParents) {
  const std::string outer = Run(absl::StrCat(
      Tool("csa"), " run --tool sh true; ", Tool("csa"), " wait latest"));
  EXPECT_EQ(Wait(outer).exit_status, 0);
  const std::vector<std::string> lines = List({"--tree"});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[1], StartsWith(outer.substr(18)));
  EXPECT_THAT(lines[2], StartsWith("  "));
}

TEST_F(ListTest, FitsATerminalAndHasColoursThere) {
  Spawn({"--cd", "/", "--description", std::string(200, 'd'), "--", "sleep",
         "1000"});
  const std::string shown = ListOnTerminal("60");
  EXPECT_THAT(shown, HasSubstr("\x1b[36mrunning\x1b[0m"));
  EXPECT_THAT(shown,
              AllOf(HasSubstr("ddd"), Not(HasSubstr(std::string(60, 'd')))));
  ProgramOptions without;
  without.environment = {{"NO_COLOR", "1"}};
  EXPECT_THAT(ListOnTerminal("60", without), Not(HasSubstr("\x1b")));
  EXPECT_THAT(Csa({"list"}).output,
              AllOf(HasSubstr(std::string(200, 'd')), Not(HasSubstr("\x1b"))));
}

TEST_F(ListTest, MistakesAreSaid) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list", "operand"},
                                             {"list", "--state", "odd"},
                                             {"list", "-n", "-1"},
                                             {"list", "-n", "x"},
                                             {"list", "--label", "k"},
                                             {"list", "--project=/none"},
                                             {"list", "--since", "0"},
                                             {"list", "-x"}}) {
    const Ended ended = Csa(arguments);
    EXPECT_EQ(ended.exit_status, 125) << arguments[1];
    EXPECT_EQ(ended.output, "");
    EXPECT_NE(ended.error, "");
  }
}

}  // namespace
}  // namespace csa
