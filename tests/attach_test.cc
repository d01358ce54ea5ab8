// Promise: who stays attached sees all that is written, when it is written, and
// ends a session only when that was asked for.

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/testing/terminal.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Json = nlohmann::json;

class AttachTest : public CsaTest {
 protected:
  // A script that writes "one", waits for the first gate, writes "two" on
  // stderr, waits for the second, writes "three" and exits 5.
  std::string Script() const {
    return absl::StrCat("echo one; read go < ", first_.path(),
                        "; echo two >&2; read go < ", second_.path(),
                        "; echo three; exit 5");
  }

  // Starts a program; it is ended with the test.
  Program Start(const std::vector<std::string>& arguments,
                const ProgramOptions& options = {}) const {
    return {CsaArgv(arguments), InTest(options)};
  }

  // Starts it with --no-daemon and waits for its first output.
  Program RunAttached(const std::string& script,
                      const ProgramOptions& options = {}) const {
    return {CsaArgv({"run", "--tool", "sh", "--no-daemon", script}),
            InTest(options)};
  }

  // The only session there is.
  std::string TheSession() const {
    const std::vector<std::string> entries = StoreEntries();
    EXPECT_EQ(entries.size(), 1U);
    return entries.empty() ? "" : entries[0];
  }

  Gate first_{scratch().PathOf("first")};
  Gate second_{scratch().PathOf("second")};
};

TEST_F(AttachTest, FollowsBothStreamsAsTheyAreWritten) {
  const std::string id = Run(Script());
  Program attach = Start({"session", "attach", "--session", id});
  attach.AwaitOutput("one\n");
  first_.Open();
  attach.AwaitError("two\n");
  second_.Open();
  const Ended ended = attach.Await();
  EXPECT_EQ(ended.exit_status, 5);
  EXPECT_EQ(ended.output, "one\nthree\n");
  EXPECT_EQ(ended.error, "two\n");
}

TEST_F(AttachTest, ShowsWhatHasEnded) {
  const std::string id = Run("seq 1 200000; echo err >&2; exit 124");
  EXPECT_EQ(Wait(id).exit_status, 1);
  const Ended attach = Csa({"attach", id});
  EXPECT_EQ(attach.exit_status, 124);
  EXPECT_TRUE(attach.output == FileOf(id, "stdout.log"));
  EXPECT_EQ(attach.error, "err\n");
}

TEST_F(AttachTest, F13_MuchOutputComesWholeWhileItIsWritten) {
  const std::string id =
      Run(absl::StrCat("read go < ", first_.path(), "; seq 1 2000000; exit 3"));
  Program attach = Start({"attach", id});
  first_.Open();
  const Ended ended = attach.Await();
  EXPECT_EQ(ended.exit_status, 3);
  EXPECT_TRUE(ended.output == FileOf(id, "stdout.log")) << ended.output.size();
}

TEST_F(AttachTest, CtrlCDetaches) {
  const std::string id = Run(Script());
  Program attach = Start({"attach", id});
  attach.AwaitOutput("one\n");
  attach.Signal(SIGINT);
  const Ended ended = attach.Await();
  EXPECT_EQ(ended.exit_status, 130);
  EXPECT_EQ(ended.output, "one\n");
  EXPECT_THAT(ended.error, HasSubstr("detached"));
  EXPECT_THAT(ended.error, HasSubstr(id));
  EXPECT_TRUE(IsRunning(id));
  first_.Open();
  second_.Open();
  EXPECT_EQ(Wait(id).exit_status, 5);
}

TEST_F(AttachTest, ItsDeathLeavesTheSessionAlone) {
  const std::string id = Run(Script());
  for (const int signal : {SIGTERM, SIGHUP, SIGKILL}) {
    Program attach = Start({"attach", id});
    attach.AwaitOutput("one\n");
    attach.Signal(signal);
    EXPECT_EQ(attach.Await().signal, signal);
    EXPECT_TRUE(IsRunning(id));
  }
  first_.Open();
  second_.Open();
  EXPECT_EQ(Wait(id).exit_status, 5);
}

TEST_F(AttachTest, AReaderThatGoesAwayLeavesTheSessionAlone) {
  const std::string id =
      Run(absl::StrCat("seq 1 100000; read go < ", first_.path()));
  const Ended ended =
      RunProgram({"bash", "-c",
                  absl::StrCat(Tool("csa"), " attach ", id,
                               " | head -1; echo ${PIPESTATUS[0]}")},
                 InTest());
  EXPECT_EQ(ended.output, "1\n124\n");
  EXPECT_THAT(ended.error, HasSubstr("nobody is left to read"));
  EXPECT_TRUE(IsRunning(id));
}

// The new output is shorter: else nobody could tell.
TEST_F(AttachTest, F40_ATruncatedLogIsReadFromItsBeginning) {
  const std::string id = Run(
      absl::StrCat("echo a long first line; read go < ", first_.path(),
                   "; : > $CSA_SESSION_DIR/stdout.log; echo short; read go < ",
                   second_.path()));
  Program attach = Start({"attach", id});
  attach.AwaitOutput("a long first line\n");
  first_.Open();
  attach.AwaitOutput("short\n");
  second_.Open();
  const Ended ended = attach.Await();
  EXPECT_EQ(ended.exit_status, 0);
  EXPECT_EQ(ended.output, "a long first line\nshort\n");
}

TEST_F(AttachTest, F15_ALostSession) {
  const std::string id = Run(Script());
  Program attach = Start({"attach", id});
  attach.AwaitOutput("one\n");
  KillSupervisor(id);
  const Ended ended = attach.Await();
  EXPECT_EQ(ended.exit_status, 1);
  EXPECT_EQ(ended.output, "one\n");
  EXPECT_THAT(ended.error, HasSubstr("lost"));
  EXPECT_THAT(ended.error, HasSubstr(DirectoryOf(id) + "/stdout.log"));
}

TEST_F(AttachTest, TheOwnSessionIsRefused) {
  const std::string id = Run(Tool("csa") + " attach $CSA_SESSION_ID; echo $?");
  EXPECT_EQ(Wait(id).output, "125\n");
}

// Makes inotify_init1(2) fail as it does when the user has no instance left.
void UseUpInotifyInstances() {
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_inotify_init1, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program = {.len = filter.size(), .filter = filter.data()};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(100);
}

TEST_F(AttachTest, WithoutInotifyItSaysSoAndFollowsAllTheSame) {
  const std::string id = Run(Script());
  Program attach = Start({"attach", id}, {.prepare = UseUpInotifyInstances});
  attach.AwaitOutput("one\n");
  first_.Open();
  attach.AwaitError("two\n");
  second_.Open();
  const Ended ended = attach.Await();
  EXPECT_EQ(ended.exit_status, 5);
  EXPECT_EQ(ended.output, "one\nthree\n");
  const std::vector<std::string> lines = absl::StrSplit(ended.error, '\n');
  ASSERT_EQ(lines.size(), 3U) << ended.error;
  EXPECT_THAT(lines[0], StartsWith("csa-attach: "));
  EXPECT_THAT(lines[0], HasSubstr("too many open files"));
  EXPECT_EQ(lines[1], "two");
}

TEST_F(AttachTest, JsonIsTheOutcomeAlone) {
  const std::string id = Run(Script());
  Program attach = Start({"attach", "--format", "json", id});
  first_.Open();
  second_.Open();
  const Ended ended = attach.Await();
  EXPECT_EQ(ended.exit_status, 5);
  EXPECT_EQ(ended.error, "");
  const Json json = Json::parse(ended.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ended.output;
  EXPECT_EQ(json.value("session_id", ""), id);
  EXPECT_EQ(json.value("state", ""), "finished");
  EXPECT_EQ(json.value("status", ""), "failure");
  EXPECT_EQ(json.value("exit_code", -1), 5);
}

TEST_F(AttachTest, NoDaemonIsTheCommandItself) {
  Program run = RunAttached(Script());
  run.AwaitOutput("one\n");
  const std::string id = TheSession();
  first_.Open();
  run.AwaitError("two\n");
  second_.Open();
  const Ended ended = run.Await();
  EXPECT_EQ(ended.exit_status, 5);
  EXPECT_EQ(ended.output, "one\nthree\n");
  EXPECT_THAT(ended.error,
              StartsWith("<!-- CSA:SESSION_STARTED id=" + id + " pid="));
  EXPECT_THAT(ended.error, testing::EndsWith(" -->\ntwo\n"));
  EXPECT_EQ(std::count(ended.error.begin(), ended.error.end(), '\n'), 2);
  // It is a session as any other.
  EXPECT_EQ(Wait(id).exit_status, 5);
  EXPECT_EQ(FileOf(id, "stdout.log"), "one\nthree\n");
  EXPECT_EQ(RunAttached("exit 124").Await().exit_status, 124);
  EXPECT_EQ(RunAttached("kill -KILL $$").Await().exit_status, 137);
}

TEST_F(AttachTest, NoDaemonReportsMistakesAsAnyRun) {
  const Ended tool = Csa({"run", "--no-daemon", "--tool", "shh", "x"});
  EXPECT_EQ(tool.exit_status, 125);
  EXPECT_EQ(tool.output, "");
  const Ended depth = Csa({"run", "--no-daemon", "--tool", "sh", "x"},
                          {.environment = {{"CSA_DEPTH", "5"}}});
  EXPECT_EQ(depth.exit_status, 125);
  EXPECT_EQ(depth.output, "");
  EXPECT_THAT(depth.error, HasSubstr("nested 5 deep"));
  EXPECT_THAT(StoreEntries(), IsEmpty());
}

class NoDaemonSignalTest : public AttachTest,
                           public testing::WithParamInterface<int> {};

TEST_P(NoDaemonSignalTest, EndsTheSession) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  Program run = RunAttached(absl::StrCat("echo one; exec ", Hostile(), " ",
                                         lifeline.path(), " setsid,bare"));
  run.AwaitOutput("one\n");
  lifeline.AwaitReady(3);
  run.Signal(GetParam());
  const Ended ended = run.Await();
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(ended.exit_status, 143);
  EXPECT_EQ(ended.output, "one\n");
  EXPECT_EQ(ResultOf(TheSession()).status, SessionStatus::kKilled);
}

// Whenever it comes, no session is left that goes on.
TEST_P(NoDaemonSignalTest, DuringTheStart) {
  for (int round = 0; round < 20; ++round) {
    Program run = RunAttached(absl::StrCat("read go < ", first_.path()));
    run.Signal(GetParam());
    const Ended ended = run.Await();
    EXPECT_TRUE(ended.signal == GetParam() || ended.exit_status == 143)
        << ended.exit_status << ended.error;
    for (const std::string& id : StoreEntries()) {
      if (id[0] == '.') continue;
      EXPECT_FALSE(IsRunning(id));
      EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, NoDaemonSignalTest,
                         testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST_F(AttachTest, F30_NoDaemonKilledLeavesTheSessionRunning) {
  Program run = RunAttached(Script());
  run.AwaitOutput("one\n");
  const std::string id = TheSession();
  run.Signal(SIGKILL);
  EXPECT_EQ(run.Await().signal, SIGKILL);
  EXPECT_TRUE(IsRunning(id));
  first_.Open();
  second_.Open();
  EXPECT_EQ(Wait(id).exit_status, 5);
}

// As under nohup(1).
TEST_F(AttachTest, F30_NoDaemonIgnoresWhatItsCallerIgnores) {
  for (const int ignored : {SIGHUP, SIGINT, SIGTERM}) {
    Program run = RunAttached(
        Script(), {.prepare = [ignored] { signal(ignored, SIG_IGN); }});
    run.AwaitOutput("one\n");
    run.Signal(ignored);
    first_.Open();
    run.AwaitError("two\n");
    run.Signal(ignored);
    second_.Open();
    const Ended ended = run.Await();
    EXPECT_EQ(ended.exit_status, 5);
    EXPECT_EQ(ended.output, "one\nthree\n");
  }
}

TEST_F(AttachTest, NoDaemonWithJson) {
  const Ended run = Csa({"--format=json", "run", "--no-daemon", "--tool", "sh",
                         "echo out; echo err >&2; exit 5"});
  EXPECT_EQ(run.exit_status, 5);
  const std::string id = TheSession();
  const Json json = Json::parse(run.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << run.output;
  EXPECT_EQ(json.value("session_id", ""), id);
  EXPECT_EQ(json.value("status", ""), "failure");
  EXPECT_EQ(json.value("exit_code", -1), 5);
  EXPECT_EQ(json.value("summary", ""), "out");
  EXPECT_EQ(ReadFile(json.value("stderr_path", "")), "err\n");
}

// A terminal that hangs up is gone before its SIGHUP comes, if one comes at
// all: whether there is something to write just then or not.
TEST_F(AttachTest, F30_ATerminalThatHangsUpEndsTheSession) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    for (const char* then : {"sleep 1000", "exec yes"}) {
      Terminal terminal;
      const std::string script =
          absl::StrCat("exec >&", stream, "; echo y; ", then);
      Program run = RunAttached(script, terminal.As(stream));
      terminal.AwaitShown("y\r\n");
      terminal.HangUp();
      EXPECT_EQ(run.Await().exit_status, 143) << script;
    }
  }
  const std::vector<std::string> ids = StoreEntries();
  EXPECT_EQ(ids.size(), 4U);
  for (const std::string& id : ids) {
    EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
  }
}

// As under nohup(1).
TEST_F(AttachTest, F30_ATerminalThatHangsUpIsOutlivedWhereSighupIsIgnored) {
  Terminal terminal;
  ProgramOptions options = terminal.As(STDOUT_FILENO);
  options.prepare = [prepare = options.prepare] {
    prepare();
    std::signal(SIGHUP, SIG_IGN);
  };
  Program run = RunAttached("echo y; sleep 1000", options);
  terminal.AwaitShown("y\r\n");
  terminal.HangUp();
  EXPECT_EQ(run.Await().exit_status, 124);
  EXPECT_TRUE(IsRunning(TheSession()));
}

// A reader that does not read keeps nobody from ending the session.
TEST_F(AttachTest, F30_ASignalIsHeededThoughNobodyReads) {
  Program run(CsaArgv({"run", "--tool", "sh", "--no-daemon", "exec yes"}),
              InTest());
  run.AwaitError("CSA:SESSION_STARTED");
  // The pipe is full when its reader has seen something and reads no more.
  run.AwaitOutput("y\n");
  run.Signal(SIGTERM);
  const std::string id = StoreEntries()[0];
  EXPECT_EQ(Wait(id).exit_status, 143);
  run.Signal(SIGTERM);
  EXPECT_EQ(run.Await().exit_status, 143);
}

}  // namespace
}  // namespace csa
