// Promise: odd places and odd callers change nothing: paths that are long, or
// no text; hang-ups; a caller that is the first process of a container.

#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/os/pid_fd.h"
#include "common/os/process_set.h"
#include "common/session/session_store.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Json = nlohmann::json;

ProgramOptions InStore(const std::string& state) {
  ProgramOptions options;
  options.environment = {{"CSA_STATE_DIR", state}};
  return options;
}

class EnvironmentTest : public CsaTest {
 protected:
  // The path of a directory of `size` bytes, made of names of 200 bytes.
  std::string LongPath(size_t size) const {
    std::string path = scratch().PathOf("long");
    while (path.size() + 1 < size) {
      // No name may be left with no room for a character.
      const size_t room = size - path.size() - 1;
      const size_t length =
          room <= 200 ? room : std::min<size_t>(200, room - 2);
      absl::StrAppend(&path, "/", std::string(length, 'd'));
    }
    return path;
  }

  // A session in the store at `state`, from its start to its end.
  void ExpectWorks(const std::string& state) const {
    const ProgramOptions options = InStore(state);
    Lifeline lifeline(scratch().PathOf(absl::StrCat("lifeline", state.size())));
    const std::string script =
        absl::StrCat("echo \"$CSA_SESSION_DIR\"; exec ", Hostile(), " ",
                     lifeline.path(), " child,setsid,daemon 5");
    const std::string id = Spawn({"--", "sh", "-c", script}, options);
    lifeline.AwaitReady(3);
    lifeline.Release();
    const Ended wait = Csa({"wait", id}, options);
    EXPECT_EQ(wait.exit_status, 5) << wait.error;
    EXPECT_EQ(wait.output, absl::StrCat(state, "/sessions/", id, "\n"));
    EXPECT_TRUE(lifeline.AllDead());
    EXPECT_EQ(Csa({"attach", id}, options).output, wait.output);
    EXPECT_EQ(Csa({"kill", "latest"}, options).output, id + " already ended\n");

    const std::string killed =
        Spawn({"--", Hostile(), lifeline.path(), "setsid,daemon"}, options);
    lifeline.AwaitReady(3);
    const Ended kill = Csa({"kill", killed}, options);
    EXPECT_EQ(kill.output, killed + " ended\n") << kill.error;
    EXPECT_TRUE(lifeline.AllDead());
  }
};

TEST_F(EnvironmentTest, AStoreWithALongPath) { ExpectWorks(LongPath(3000)); }

TEST_F(EnvironmentTest, AStoreWithTheLongestPath) {
  ExpectWorks(LongPath(kMaxStatePath));
}

TEST_F(EnvironmentTest, AStoreBeyondTheLongestPathIsRefused) {
  for (const size_t size :
       {kMaxStatePath + 1, size_t{PATH_MAX}, size_t{5000}}) {
    const std::string state = LongPath(size);
    const Ended spawn = Csa({"spawn", "--", "true"}, InStore(state));
    EXPECT_EQ(spawn.exit_status, 125);
    EXPECT_EQ(spawn.output, "");
    EXPECT_THAT(spawn.error, AllOf(HasSubstr(state),
                                   HasSubstr("at most 4032 are possible")));
    for (const char* command : {"wait", "kill", "attach"}) {
      const Ended ended = Csa({command, "latest"}, InStore(state));
      EXPECT_EQ(ended.exit_status, 125);
      EXPECT_THAT(ended.error, HasSubstr(state));
    }
  }
}

// A newline, no UTF-8, what a terminal obeys, and what ends a directive.
class OddPathTest : public EnvironmentTest {
 protected:
  OddPathTest() { state_ = scratch().PathOf("new\nline\xff\"\\\x1b[2J -->"); }

  // As it stands in a message or a directive.
  static constexpr char kShown[] = "new\\x0Aline\\xFF\"\\\\x1B[2J -->";
  static constexpr char kQuoted[] =
      "new\\x0Aline\\xFF\\x22\\x5C\\x1B[2J --\\x3E";

  // Expects `error` to be one line, which shows the path as `shown`.
  static void ExpectOneLine(const std::string& error, const char* shown) {
    EXPECT_THAT(error, AllOf(HasSubstr(shown), EndsWith("\n")));
    EXPECT_THAT(error.substr(0, error.size() - 1),
                AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\x1b")),
                      Not(HasSubstr("\xff"))));
  }

  std::string state_;
};

TEST_F(OddPathTest, ChangesNothing) { ExpectWorks(state_); }

TEST_F(OddPathTest, DirectivesStayOneLine) {
  const Ended spawn = Csa({"spawn", "--", "true"}, InStore(state_));
  EXPECT_EQ(spawn.output.size(), 27U);
  ExpectOneLine(spawn.error, kQuoted);
  EXPECT_THAT(spawn.error, StartsWith("<!-- CSA:SESSION_STARTED id="));
  EXPECT_EQ(Csa({"wait", "latest"}, InStore(state_)).exit_status, 0);
}

TEST_F(OddPathTest, JsonAndResultStayValid) {
  const ProgramOptions options = InStore(state_);
  const Ended spawn =
      Csa({"spawn", "--format=json", "--", "sh", "-c", "pwd; exit 3"}, options);
  const Json started = Json::parse(spawn.output, nullptr, false);
  ASSERT_TRUE(started.is_object()) << spawn.output;
  const std::string id = started.value("session_id", "");
  // What is no text is replaced: JSON has no bytes.
  const std::string directory =
      absl::StrCat(scratch().PathOf("new\nline\xEF\xBF\xBD\"\\\x1b[2J -->"),
                   "/sessions/", id);
  EXPECT_EQ(started.value("dir", ""), directory);
  const Ended wait = Csa({"wait", "--format=json", id}, options);
  EXPECT_EQ(wait.exit_status, 3);
  const Json waited = Json::parse(wait.output, nullptr, false);
  ASSERT_TRUE(waited.is_object()) << wait.output;
  EXPECT_EQ(waited.value("stdout_path", ""), directory + "/stdout.log");
  const absl::StatusOr<SessionResult> result = ParseSessionResult(
      ReadFile(absl::StrCat(state_, "/sessions/", id, "/result.toml")));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->command_exit, 3);
}

TEST_F(OddPathTest, MessagesStayOneLine) {
  const ProgramOptions options = InStore(state_);
  const std::string id = Spawn({"--", "sleep", "1000"}, options);
  ExpectOneLine(Csa({"wait", "ZZZZ"}, options).error, kShown);
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(std::stoi(
      ReadFile(absl::StrCat(state_, "/sessions/", id, "/daemon.pid"))));
  ASSERT_TRUE(supervisor.ok() && supervisor->Signal(SIGKILL).ok());
  ASSERT_TRUE(supervisor->AwaitDeath(absl::InfiniteFuture()).ok());
  ExpectOneLine(Csa({"wait", id}, options).error, kShown);
  EXPECT_EQ(Csa({"kill", id}, options).exit_status, 0);
  ASSERT_EQ(chmod(state_.c_str(), 0777), 0);
  ExpectOneLine(Csa({"wait", id}, options).error, kShown);
}

// Of a mistake on the command line, what was given is shown.
TEST_F(EnvironmentTest, MessagesHoldNothingThatATerminalObeys) {
  for (const std::string& given :
       {std::string("\x1b]0;title\x07"), std::string("\xc2\x9b"),
        std::string("two\nlines")}) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{given},
                                               {"wait", given},
                                               {"spawn", "--", given},
                                               {"run", "--tool", given, "x"},
                                               {"--cd", given, "wait", "x"},
                                               {"wait", "--" + given}}) {
      const Ended ended = Csa(arguments);
      EXPECT_NE(ended.exit_status, 0);
      EXPECT_THAT(ended.error,
                  AllOf(Not(HasSubstr(given)), Not(HasSubstr("\x1b")),
                        Not(HasSubstr("\x07"))))
          << arguments[0];
    }
  }
}

TEST_F(EnvironmentTest, F30_AHangUpOfEverythingIsTheCommandsAffair) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string id =
      Run(absl::StrCat("trap '' HUP; echo begun; exec ", Hostile(), " ",
                       lifeline.path(), " child,setsid,daemon 6"));
  lifeline.AwaitReady(3);
  // It ignores the signal, as nohup(1) has its command do.
  ProgramOptions ignoring;
  ignoring.prepare = [] { signal(SIGHUP, SIG_IGN); };
  Program wait(CsaArgv({"wait", id}), InTest(ignoring));
  Program attach(CsaArgv({"attach", id}), InTest(ignoring));
  attach.AwaitOutput("begun\n");
  const pid_t supervisor = SupervisorOf(id);
  for (const ProcessStat& process : Descendants(supervisor).Members()) {
    ASSERT_EQ(kill(process.pid, SIGHUP), 0);
  }
  ASSERT_EQ(kill(supervisor, SIGHUP), 0);
  wait.Signal(SIGHUP);
  attach.Signal(SIGHUP);
  EXPECT_TRUE(IsRunning(id));
  EXPECT_FALSE(lifeline.AllDead());
  lifeline.Release();
  EXPECT_EQ(wait.Await().exit_status, 6);
  EXPECT_EQ(attach.Await().exit_status, 6);
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kFailure);
}

TEST_F(EnvironmentTest, F30_AHangUpThatEndsTheCommandIsASignal) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string id =
      Spawn({"--", Hostile(), lifeline.path(), "child,setsid,daemon"});
  lifeline.AwaitReady(4);
  Program wait(CsaArgv({"wait", id}), InTest());
  const pid_t supervisor = SupervisorOf(id);
  const std::vector<ProcessStat> all = Descendants(supervisor).Members();
  ASSERT_EQ(kill(supervisor, SIGHUP), 0);
  for (const ProcessStat& process : all) kill(process.pid, SIGHUP);
  EXPECT_EQ(wait.Await().exit_status, 128 + SIGHUP);
  EXPECT_TRUE(lifeline.AllDead());
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kSignal);
  EXPECT_EQ(result.command_signal, SIGHUP);
}

// As the command of a container: `docker run IMAGE csa …`.
class FirstProcessTest : public CsaTest {
 protected:
  Ended RunFirst(const std::vector<std::string>& command,
                 const ProgramOptions& options = {}) const {
    return RunProgram(InPidNamespace(command), InTest(options));
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

TEST_F(FirstProcessTest, AttachedItSeesTheSessionThrough) {
  Program run(InPidNamespace(CsaArgv(
                  {"run", "--no-daemon", "--tool", "sh",
                   absl::StrCat("echo out; exec ", Hostile(), " ",
                                lifeline_.path(), " child,setsid,daemon 5")})),
              InTest());
  lifeline_.AwaitReady(3);
  lifeline_.Release();
  const Ended ended = run.Await();
  EXPECT_EQ(ended.exit_status, 5) << ended.error;
  EXPECT_EQ(ended.output, "out\n");
  EXPECT_TRUE(lifeline_.AllDead());
  ASSERT_EQ(StoreEntries().size(), 1U);
  EXPECT_EQ(ResultOf(StoreEntries()[0]).strays, 3);
}

TEST_F(FirstProcessTest, ASupervisorOfItsOwnSeesTheSessionThrough) {
  const std::string id = "01AAAAAAAAAAAAAAAAAAAAAA02";
  Prepare(id, {Hostile(), lifeline_.path(), "child,setsid,daemon,bare", "5"});
  Program supervise(
      InPidNamespace({Tool("csa-supervise"), HiddenDirectoryOf(id)}),
      InTest(InSession(id)));
  lifeline_.AwaitReady(4);
  lifeline_.Release();
  EXPECT_EQ(supervise.Await().exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).command_exit, 5);
  EXPECT_EQ(ResultOf(id).strays, 4);
}

// The kernel ends a pid namespace with its first process.
TEST_F(FirstProcessTest, DetachedItEndsItsContainerAndSaysSo) {
  const Ended spawn = RunFirst(CsaArgv({"spawn", "--", "sleep", "1000"}));
  ASSERT_EQ(spawn.exit_status, 0) << spawn.error;
  const Ended wait = Wait(spawn.output.substr(0, 26));
  EXPECT_EQ(wait.exit_status, 1);
  EXPECT_THAT(wait.error, HasSubstr("is lost"));
}

TEST_F(EnvironmentTest, WithoutAHomeTheStoreIsWhereItIsSaidToBe) {
  ProgramOptions options;
  options.environment = {{"HOME", ""}, {"XDG_STATE_HOME", ""}, {"PATH", ""}};
  const std::string id = Spawn({"--", "/bin/sh", "-c", "exit 4"}, options);
  EXPECT_EQ(Csa({"wait", id}, options).exit_status, 4);
  EXPECT_EQ(Csa({"kill", id}, options).exit_status, 0);
}

TEST_F(EnvironmentTest, TimeZoneAndLocaleChangeNothing) {
  for (const char* zone : {"Pacific/Kiritimati", "XYZ-14", ":/etc/passwd"}) {
    ProgramOptions options;
    options.environment = {{"TZ", zone}, {"LC_ALL", "tr_TR.UTF-8"}};
    const std::string id = Spawn(
        {"--timeout=1h", "--", "sh", "-c", "echo \"$TZ\"; exit 4"}, options);
    const Ended wait = Csa({"wait", id}, options);
    EXPECT_EQ(wait.exit_status, 4) << wait.error;
    EXPECT_EQ(wait.output, absl::StrCat(zone, "\n"));
    const SessionResult result = ResultOf(id);
    EXPECT_LT(absl::AbsDuration(absl::Now() - result.completed_at),
              absl::Hours(1));
    EXPECT_LT(result.wall, absl::Hours(1));
  }
}

}  // namespace
}  // namespace csa
