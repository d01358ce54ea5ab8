// Promise: csa logs shows what a session has written, byte for byte, and takes
// no part in it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

using Json = nlohmann::json;

class LogsTest : public CsaTest {
 protected:
  std::string Logs(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "logs");
    const Ended ended = Csa(arguments);
    EXPECT_EQ(ended.exit_status, 0) << ended.error;
    EXPECT_EQ(ended.error, "");
    return ended.output;
  }
};

TEST_F(LogsTest, PrintsEachStreamAsItIs) {
  const std::string id =
      Run("printf 'a\\0\\377\\nlast'; printf 'err\\n' >&2; exit 3");
  Wait(id);
  const std::string output("a\0\xFF\nlast", 8);
  EXPECT_EQ(Logs({id}), output);
  EXPECT_EQ(Logs({"--session", id, "-f"}), output);
  EXPECT_EQ(Logs({"--stderr", id}), "err\n");
  EXPECT_EQ(Logs({"--tail", "1", id}), "last");
  EXPECT_EQ(Logs({"--tail", "0", id}), "");
  EXPECT_EQ(Logs({"--since", "1h", id}), output);
  EXPECT_EQ(Logs({"--both", id}), absl::StrCat(output, "\nerr\n"));
}

TEST_F(LogsTest, OfBothTheOneWrittenLastComesLast) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string id =
      Run(absl::StrCat("echo err >&2; echo out > ", scratch().PathOf("first"),
                       "; read go < ", gate.path(), "; echo out"));
  gate.Open();
  Wait(id);
  // Their times are set here: a file system need not tell moments apart.
  const Ended touched = RunProgram(
      {"touch", "--date=@1000", absl::StrCat(DirectoryOf(id), "/stderr.log")});
  ASSERT_EQ(touched.exit_status, 0);
  EXPECT_EQ(Logs({"--both", id}), "err\nout\n");
  EXPECT_EQ(Logs({"--both", "--since", "1h", id}), "out\n");
  RunProgram(
      {"touch", "--date=@1000", absl::StrCat(DirectoryOf(id), "/stdout.log")});
  RunProgram(
      {"touch", "--date=@2000", absl::StrCat(DirectoryOf(id), "/stderr.log")});
  EXPECT_EQ(Logs({"--both", id}), "out\nerr\n");
}

TEST_F(LogsTest, FollowsARunningSessionToItsEnd) {
  const Gate first(scratch().PathOf("first"));
  const Gate second(scratch().PathOf("second"));
  const std::string id = Run(absl::StrCat(
      "echo one; echo err >&2; read go < ", first.path(),
      "; printf half; read go < ", second.path(), "; echo ' a line'; exit 3"));
  Program logs(CsaArgv({"logs", "-f", id}), InTest());
  Program both(CsaArgv({"logs", "-f", "--both", "--format=json", id}),
               InTest());
  logs.AwaitOutput("one\n");
  both.AwaitOutput("\"err\"");
  first.Open();
  logs.AwaitOutput("half");
  second.Open();
  Ended ended = logs.Await();
  EXPECT_EQ(ended.exit_status, 0) << "not the session's";
  EXPECT_THAT(ended.output, HasSubstr("half a line\n"));
  ended = both.Await();
  const std::vector<std::string> lines =
      absl::StrSplit(ended.output, '\n', absl::SkipEmpty());
  ASSERT_THAT(lines, SizeIs(3));
  const Json json = Json::parse(lines[2], nullptr, false);
  EXPECT_EQ(json["session_id"], id);
  EXPECT_EQ(json["stream"], "stdout");
  EXPECT_EQ(json["line"], "half a line");
}

TEST_F(LogsTest, ARunningSessionsOutputSoFarIsPrinted) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string id =
      Run(absl::StrCat("echo so far; read go < ", gate.path()));
  Program follower(CsaArgv({"logs", "-f", id}), InTest());
  follower.AwaitOutput("so far\n");
  EXPECT_EQ(Logs({id}), "so far\n");
  EXPECT_TRUE(IsRunning(id));
  gate.Open();
  EXPECT_EQ(follower.Await().exit_status, 0);
}

// As cat f >> f would.
TEST_F(LogsTest, ASessionMayPrintItsOwnOutputOnce) {
  const std::string id =
      Run(absl::StrCat("echo own; ", Tool("csa"), " logs $CSA_SESSION_ID; ",
                       Tool("csa"), " logs -f $CSA_SESSION_ID; echo $?"));
  EXPECT_EQ(Wait(id).output, "own\nown\n125\n");
}

TEST_F(LogsTest, WhoReadsNoMoreIsNoMistake) {
  const std::string id = Run("yes | head -100000");
  Wait(id);
  const Ended ended =
      RunProgram({"bash", "-c", "set -o pipefail; \"$0\" logs \"$1\" | head -1",
                  Tool("csa"), id},
                 InTest());
  EXPECT_EQ(ended.exit_status, 0) << ended.error;
  EXPECT_EQ(ended.output, "y\n");
}

TEST_F(LogsTest, WhoReadsNoMoreIsNotFollowedForEver) {
  const std::string id = Run("echo x; sleep 1000");
  for (const char* command : {"logs -f", "attach"}) {
    const Ended ended = RunProgram(
        {"sh", "-c",
         absl::StrCat(Tool("csa"), " ", command, " ", id, " | head -1")},
        InTest());
    EXPECT_EQ(ended.output, "x\n");
  }
  EXPECT_TRUE(IsRunning(id));
}

TEST_F(LogsTest, ALostSessionHasItsLogs) {
  const std::string id = Run("echo before; sleep 1000");
  Program follower(CsaArgv({"logs", "-f", id}), InTest());
  follower.AwaitOutput("before\n");
  KillSupervisor(id);
  EXPECT_EQ(follower.Await().exit_status, 0);
  EXPECT_EQ(Logs({id}), "before\n");
}

TEST_F(LogsTest, MistakesAreSaid) {
  const std::string id = Run("true");
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"logs"},
                                             {"logs", "ZZZZZZZZ"},
                                             {"logs", id, id},
                                             {"logs", "--tail=-1", id},
                                             {"logs", "--since=0", id},
                                             {"logs", "--both", "--stderr", id},
                                             {"logs", "-n", id}}) {
    const Ended ended = Csa(arguments);
    EXPECT_EQ(ended.exit_status, 125);
    EXPECT_THAT(ended.error, HasSubstr("csa-logs: "));
  }
}

}  // namespace
}  // namespace csa
