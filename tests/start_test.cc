// Promise: what is started is started whole, wherever from; what cannot be
// started is told to the caller and leaves nothing behind.

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/os/clock.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/os/unique_fd.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

using Json = nlohmann::json;

class StartTest : public CsaTest {
 protected:
  // What the session has written, after it has ended well.
  std::string OutputOf(const std::string& id) const {
    const Ended wait = Wait(id);
    EXPECT_EQ(wait.exit_status, 0) << wait.error << FileOf(id, "stderr.log");
    return wait.output;
  }

  // PATH with one more directory, in front.
  static std::string PathWith(const std::string& first) {
    return absl::StrCat(first, ":", std::getenv("PATH"));
  }
};

class WaitableTest : public StartTest,
                     public testing::WithParamInterface<int> {};

TEST_P(WaitableTest, F01_ThePrintedIdCanBeWaitedFor) {
  for (int round = 0; round < 100; ++round) {
    const Ended run = Csa({"run", "--tool", "sh", "exit 3"});
    ASSERT_EQ(run.exit_status, 0) << run.error;
    const std::string id(absl::StripSuffix(run.output, "\n"));
    const Ended wait = Csa({"wait", id});
    ASSERT_EQ(wait.exit_status, 3) << wait.error;
  }
}

INSTANTIATE_TEST_SUITE_P(FiveHundred, WaitableTest, testing::Range(0, 5));

TEST_F(StartTest, F09_TwoHundredAtOnce) {
  std::list<Program> runs;
  for (int i = 0; i < 200; ++i) {
    runs.emplace_back(
        CsaArgv({"run", "--tool", "sh", absl::StrCat("echo ", i)}), InTest());
  }
  std::set<std::string> ids;
  int number = 0;
  for (Program& run : runs) {
    const Ended ended = run.Await();
    ASSERT_EQ(ended.exit_status, 0) << ended.error;
    const std::string id(absl::StripSuffix(ended.output, "\n"));
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_EQ(OutputOf(id), absl::StrCat(number++, "\n"));
  }
  EXPECT_EQ(ids.size(), 200U);
  EXPECT_EQ(StoreEntries().size(), 200U);
}

TEST_F(StartTest, F05_NoInheritedDescriptorIsKeptOpen) {
  const Gate gate(scratch().PathOf("gate"));
  std::array<Pipe, 2> pipes;
  for (Pipe& pipe : pipes) {
    absl::StatusOr<Pipe> opened = OpenPipe();
    ASSERT_TRUE(opened.ok());
    pipe.reader = std::move(opened->reader);
    // Out of the way of the numbers that they get in the child.
    pipe.writer.Reset(fcntl(opened->writer.get(), F_DUPFD_CLOEXEC, 100));
  }
  // That it ends at all shows that nobody holds its stdout and stderr.
  const Ended run =
      Csa({"run", "--tool", "sh", absl::StrCat("read go < ", gate.path())},
          {.prepare = [&] {
            MoveTo(pipes[0].writer.get(), 9);
            MoveTo(pipes[1].writer.get(), 15);
          }});
  const std::string id(absl::StripSuffix(run.output, "\n"));
  for (Pipe& pipe : pipes) {
    pipe.writer.Reset();
    const absl::StatusOr<bool> ready =
        AwaitReadable(pipe.reader.get(), MonotonicNow() + absl::Seconds(60));
    ASSERT_TRUE(ready.ok() && *ready) << "somebody holds a descriptor";
    char byte;
    EXPECT_EQ(read(pipe.reader.get(), &byte, 1), 0);
  }
  EXPECT_TRUE(IsRunning(id));
  gate.Open();
  EXPECT_EQ(Wait(id).exit_status, 0);
}

TEST_F(StartTest, F05_TheCommandHasNothingButItsStreams) {
  const std::string id =
      Spawn({"--", "sh", "-c",
             "for fd in $(seq 0 200); do [ -e /proc/$$/fd/$fd ] && echo $fd; "
             "done; true"},
            {.prepare = [] {
              MoveTo(STDERR_FILENO, 9);
              MoveTo(STDERR_FILENO, 15);
            }});
  EXPECT_EQ(OutputOf(id), "0\n1\n2\n");
}

TEST_F(StartTest, F11_ClosedStandardStreamsAreSurvived) {
  for (unsigned closed = 1; closed < 8; ++closed) {
    const Ended run =
        Csa({"run", "--tool", "sh", absl::StrCat("cat; echo ", closed)},
            {.prepare = [closed] {
              for (int fd = 0; fd < 3; ++fd) {
                if ((closed >> fd & 1U) != 0) close(fd);
              }
            }});
    // The id could not be printed; the session goes on.
    EXPECT_EQ(run.exit_status, (closed & 2U) != 0 ? 125 : 0) << run.error;
    const std::vector<std::string> entries = StoreEntries();
    ASSERT_EQ(entries.size(), closed);
    std::set<std::string> outputs;
    for (const std::string& id : entries) outputs.insert(OutputOf(id));
    EXPECT_THAT(outputs, Contains(absl::StrCat(closed, "\n")));
    EXPECT_EQ(run.output.empty(), (closed & 2U) != 0) << run.output;
    EXPECT_EQ(run.error.empty(), (closed & 4U) != 0) << run.error;
  }
}

TEST_F(StartTest, F11_TheCommandHasDefaultSignals) {
  const std::string id =
      Spawn({"--", "grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"},
            {.prepare = [] {
              for (const int number :
                   {SIGCHLD, SIGPIPE, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1,
                    SIGTSTP, SIGTTOU, SIGRTMIN + 3}) {
                signal(number, SIG_IGN);
              }
              sigset_t all;
              sigfillset(&all);
              sigprocmask(SIG_SETMASK, &all, nullptr);
            }});
  // 32 and 33 are the C library's own, which nobody can set through it.
  EXPECT_THAT(OutputOf(id), MatchesRegex("SigBlk:\t0000000000000000\n"
                                         "SigIgn:\t0000000[01][08]0000000\n"));
}

// With SIGCHLD ignored, the kernel would throw the status away.
TEST_F(StartTest, F11_AnIgnoredSigchldLosesNoStatus) {
  const auto ignore = [] { signal(SIGCHLD, SIG_IGN); };
  const Ended run = Csa({"run", "--tool", "sh", "exit 9"}, {.prepare = ignore});
  EXPECT_EQ(run.exit_status, 0) << run.error;
  const std::string id(absl::StripSuffix(run.output, "\n"));
  EXPECT_EQ(Wait(id).exit_status, 9);
  const Ended attached = Csa({"run", "--tool", "sh", "--no-daemon", "exit 9"},
                             {.prepare = ignore});
  EXPECT_EQ(attached.exit_status, 9) << attached.error;
  const Ended missing =
      Csa({"spawn", "--", "/does/not/exist"}, {.prepare = ignore});
  EXPECT_EQ(missing.exit_status, 127) << missing.error;
}

TEST_F(StartTest, F11_TheCommandHasTheCallersUmask) {
  for (const mode_t mask : {0077U, 0000U, 0022U}) {
    const std::string file = scratch().PathOf(absl::StrCat("made", mask));
    const std::string id = Spawn({"--", "sh", "-c", "umask; : > $0", file},
                                 {.prepare = [mask] { umask(mask); }});
    EXPECT_EQ(OutputOf(id), absl::StrFormat("%04o\n", mask));
    struct stat status;
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0666U & ~mask);
    // The session's own files are private all the same (F39).
    for (const auto& entry :
         std::filesystem::directory_iterator(DirectoryOf(id))) {
      ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
      EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
    }
    ASSERT_EQ(stat(DirectoryOf(id).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
  }
}

TEST_F(StartTest, F11_TheCommandHasTheCallersLimitsAndDirectory) {
  const std::string id =
      Spawn({"--", "sh", "-c", "ulimit -Sn; pwd -P"}, {.prepare = [this] {
              rlimit limit;
              getrlimit(RLIMIT_NOFILE, &limit);
              limit.rlim_cur = 77;
              setrlimit(RLIMIT_NOFILE, &limit);
              if (chdir(scratch().path().c_str()) != 0) _exit(100);
            }});
  const std::string directory = std::filesystem::canonical(scratch().path());
  EXPECT_EQ(OutputOf(id), absl::StrCat("77\n", directory, "\n"));
}

TEST_F(StartTest, F11_ADeletedWorkingDirectoryIsSurvived) {
  const std::string gone = scratch().PathOf("gone");
  const std::vector<std::vector<std::string>> commands = {
      {"spawn", "--", "echo", "alive"}, {"run", "--tool", "sh", "echo alive"}};
  for (const std::vector<std::string>& command : commands) {
    const Ended run =
        Csa(command, {.prepare = [&] {
              if (mkdir(gone.c_str(), 0700) != 0 || chdir(gone.c_str()) != 0 ||
                  rmdir(gone.c_str()) != 0) {
                _exit(100);
              }
            }});
    ASSERT_EQ(run.exit_status, 0) << run.error;
    EXPECT_EQ(OutputOf(run.output.substr(0, 26)), "alive\n");
  }
}

TEST_F(StartTest, TheCommandIsToldOfItsSession) {
  ProgramOptions options;
  options.environment = {{"CLAUDECODE", "1"},
                         {"CLAUDE_CODE_ENTRYPOINT", "cli"},
                         {"CSA_PARENT_SESSION", "stale"},
                         {"ORDINARY", "kept"}};
  const Ended run = Csa({"run", "--tool", "sh", "--cd", scratch().path(),
                         "--env", "EXTRA=a=b", "env"},
                        options);
  const std::string id(absl::StripSuffix(run.output, "\n"));
  const std::vector<std::string> variables =
      absl::StrSplit(OutputOf(id), '\n', absl::SkipEmpty());
  const std::string project = std::filesystem::canonical(scratch().path());
  EXPECT_THAT(
      variables,
      IsSupersetOf({absl::StrCat("CSA_SESSION_ID=", id),
                    absl::StrCat("CSA_SESSION_DIR=", DirectoryOf(id)),
                    std::string("CSA_DEPTH=1"), std::string("CSA_TOOL=sh"),
                    absl::StrCat("CSA_PROJECT_ROOT=", project),
                    std::string("ORDINARY=kept"), std::string("EXTRA=a=b")}));
  EXPECT_THAT(variables, Not(Contains(StartsWith("CSA_PARENT_SESSION="))));
  EXPECT_THAT(variables, Not(Contains(StartsWith("CLAUDE"))));
}

// Not by a shell, which sets it itself.
TEST_F(StartTest, TheCommandIsToldItsDirectory) {
  ProgramOptions options;
  options.environment = {{"PWD", "/stale"}};
  const std::string id =
      Spawn({"--cd", scratch().path(), "--", "printenv", "PWD"}, options);
  EXPECT_EQ(OutputOf(id), absl::StrCat(scratch().path(), "\n"));
}

TEST_F(StartTest, ANestedCommandIsToldOfBoth) {
  const std::string outer = Run(absl::StrCat(
      Tool("csa"), " run --tool sh 'env | grep ^CSA_ | sort; exit 0'"));
  const std::string inner = OutputOf(outer).substr(0, 26);
  const std::string told = OutputOf(inner);
  EXPECT_THAT(told, HasSubstr("CSA_DEPTH=2\n"));
  EXPECT_THAT(told, HasSubstr("CSA_PARENT_SESSION=" + outer + "\n"));
  EXPECT_THAT(told, HasSubstr("CSA_SESSION_ID=" + inner + "\n"));
  const Json spec = Json::parse(FileOf(inner, "session.json"), nullptr, false);
  ASSERT_TRUE(spec.is_object());
  EXPECT_EQ(spec.value("parent", ""), outer);
  EXPECT_EQ(spec.value("depth", 0), 2);
}

TEST_F(StartTest, F10_AnEndlessRecursionEndsAtTheFifth) {
  const std::string script = scratch().PathOf("again.sh");
  WriteFile(script,
            absl::StrCat("id=$(", Tool("csa"), " run --tool sh --prompt-file ",
                         script, ") || { echo refused $?; exit 0; }; ",
                         Tool("csa"), " wait $id"));
  const Ended run = Csa({"run", "--tool", "sh", "--prompt-file", script});
  EXPECT_EQ(OutputOf(run.output.substr(0, 26)), "refused 125\n");
  const std::vector<std::string> sessions = StoreEntries();
  ASSERT_EQ(sessions.size(), 5U);
  int refusals = 0;
  for (const std::string& id : sessions) {
    const std::string error = FileOf(id, "stderr.log");
    refusals += absl::StrContains(error, "nested 5 deep") ? 1 : 0;
  }
  EXPECT_EQ(refusals, 1);
}

TEST_F(StartTest, F10_TheSixthLevelIsRefused) {
  for (const char* depth : {"5", "6", "1000", "-1", "x"}) {
    ProgramOptions options;
    options.environment = {{"CSA_DEPTH", depth}};
    const Ended run = Csa({"run", "--tool", "sh", "exit 0"}, options);
    EXPECT_EQ(run.exit_status, 125) << depth;
    EXPECT_EQ(run.output, "");
    EXPECT_THAT(run.error, HasSubstr(depth));
  }
  EXPECT_THAT(StoreEntries(), IsEmpty());
}

// Before it has said that the command runs, mostly.
TEST_F(StartTest, ACommandThatStopsItsSupervisorHoldsNobodyUp) {
  for (int i = 0; i < 8; ++i) {
    const std::string id =
        Spawn({"--", "sh", "-c", "kill -STOP $PPID; sleep 1000"});
    EXPECT_EQ(Kill(id).exit_status, 0);
  }
}

// csa-spawn --id is for tools that tell of a session before it is there.
TEST_F(StartTest, AnIdThatIsTakenIsRefusedAndNothingOfItsIsLost) {
  const std::string running = Spawn({"--", "sleep", "1000"});
  const std::string starting = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  Prepare(starting, {"true"});
  for (const std::string& id : {running, starting}) {
    const Ended spawn = Csa({"spawn", "--id", id, "--", "true"});
    EXPECT_EQ(spawn.exit_status, 125);
    EXPECT_EQ(spawn.output, "");
    EXPECT_THAT(spawn.error, HasSubstr("exists")) << spawn.error;
  }
  EXPECT_TRUE(IsRunning(running));
  EXPECT_TRUE(
      std::filesystem::exists(HiddenDirectoryOf(starting) + "/session.json"));
  EXPECT_THAT(StoreEntries(), ElementsAre("." + starting, running));
}

TEST_F(StartTest, F30_TheCallersDeathIsSurvived) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string script =
      absl::StrCat(Tool("csa"), " run --tool sh 'read go < ", gate.path(),
                   "; exit 7'; kill -s KILL -- -$$");
  ProgramOptions options;
  // Its whole process group dies with it, and nothing else.
  options.prepare = [] {
    if (setpgid(0, 0) != 0) _exit(100);
  };
  const Ended caller = RunProgram({"sh", "-c", script}, InTest(options));
  EXPECT_EQ(caller.signal, SIGKILL);
  const std::string id(absl::StripSuffix(caller.output, "\n"));
  EXPECT_TRUE(IsRunning(id));
  gate.Open();
  EXPECT_EQ(Wait(id).exit_status, 7);
}

// Whatever is to be seen is whole.
TEST_F(StartTest, F30_AStarterThatIsKilledHalfWay) {
  EXPECT_EQ(Wait(Run("exit 3")).exit_status, 3);
  for (int round = 0; round < 40; ++round) {
    const UniqueFd seen(inotify_init1(IN_CLOEXEC));
    // The hidden directory is made; or, in the other rounds, made visible.
    ASSERT_GE(inotify_add_watch(seen.get(), Sessions().c_str(),
                                round % 2 == 0 ? IN_CREATE : IN_MOVED_TO),
              0);
    Program run(CsaArgv({"run", "--tool", "sh", "exit 3"}), InTest());
    ASSERT_TRUE(AwaitReadable(seen.get(), absl::InfiniteFuture()).ok());
    run.Signal(SIGKILL);
    run.Await();
    for (const std::string& name : StoreEntries()) {
      if (name[0] == '.') continue;
      EXPECT_EQ(Wait(name).exit_status, 3) << name;
    }
  }
}

TEST_F(StartTest, F30_AHangUpOfTheTerminalIsSurvived) {
  const Gate gate(scratch().PathOf("gate"));
  UniqueFd terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(grantpt(terminal.get()) == 0 && unlockpt(terminal.get()) == 0);
  const std::string name = ptsname(terminal.get());
  const std::string script = absl::StrCat(
      Tool("csa"), " run --tool sh '(: < /dev/tty) 2> /dev/null && exit 1; ",
      "read go < ", gate.path(), "; exit 7'; read line");
  ProgramOptions options;
  options.prepare = [&] {
    setsid();
    MoveTo(open(name.c_str(), O_RDWR), STDIN_FILENO);  // its terminal now
  };
  Program caller({"sh", "-c", script}, InTest(options));
  caller.AwaitOutput("\n");
  terminal.Reset();
  const Ended ended = caller.Await();
  EXPECT_EQ(ended.signal, SIGHUP);
  const std::string id(absl::StripSuffix(ended.output, "\n"));
  EXPECT_TRUE(IsRunning(id));
  gate.Open();
  EXPECT_EQ(Wait(id).exit_status, 7);
}

TEST_F(StartTest, F08_ArgumentsArriveByteForByte) {
  const std::vector<std::string> arguments = {
      "",
      " ",
      "two words",
      "a\nb\n",
      "\n",
      "'\"`$(echo no)$HOME\\",
      "--",
      "-",
      "-x",
      "--help",
      "--format=json",
      "{prompt}",
      "*",
      "\xff\xfe\x80",
      "\xc3\xa4\xe2\x82\xac",
      "\x01\x1b[31m\t\r",
      std::string(size_t{100} * 1024, 'x'),
      ""};
  for (const bool dashes : {true, false}) {
    std::vector<std::string> argv = {"sh", "-c", R"(printf '%s\0' "$@")", "sh"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    if (dashes) argv.insert(argv.begin(), "--");
    const std::string id = Spawn(argv);
    ASSERT_EQ(Wait(id).exit_status, 0);
    const std::string expected =
        absl::StrJoin(arguments, std::string(1, '\0')) + std::string(1, '\0');
    EXPECT_TRUE(FileOf(id, "stdout.log") == expected);
    const Json spec = Json::parse(FileOf(id, "session.json"), nullptr, false);
    ASSERT_TRUE(spec.is_object());
    EXPECT_EQ(spec["argv"].size(), arguments.size() + 4);
  }
}

TEST_F(StartTest, F08_APromptArrivesByteForByte) {
  const std::string prompt = "printf '%s' '\"\xff\n-- $x' # \\";
  const Ended run = Csa({"run", "--tool", "sh", prompt});
  const std::string id(absl::StripSuffix(run.output, "\n"));
  EXPECT_EQ(OutputOf(id), "\"\xff\n-- $x");
  EXPECT_EQ(FileOf(id, "prompt.txt"), prompt);
}

// A command line that is refused.
struct Mistake {
  std::vector<std::string> arguments;
  int exit_status;
  std::string says;
};

class MistakeTest : public StartTest {
 protected:
  void ExpectRefused(const Mistake& mistake) const {
    SCOPED_TRACE(absl::StrJoin(mistake.arguments, " "));
    const Ended ended = Csa(mistake.arguments);
    EXPECT_EQ(ended.exit_status, mistake.exit_status);
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.error, StartsWith("csa"));
    EXPECT_THAT(ended.error, HasSubstr(mistake.says));
    // One message, with a hint at most.
    std::vector<std::string> lines =
        absl::StrSplit(ended.error, '\n', absl::SkipEmpty());
    if (!lines.empty() && absl::StartsWith(lines.back(), "Try '")) {
      lines.pop_back();
    }
    EXPECT_EQ(lines.size(), 1U) << ended.error;
    EXPECT_THAT(StoreEntries(), IsEmpty());
  }
};

TEST_F(MistakeTest, F04_CommandsThatCannotBeExecuted) {
  const std::string plain = scratch().PathOf("plain");
  WriteFile(plain, "#!/bin/sh\n");
  const std::string orphan = scratch().PathOf("orphan");
  WriteFile(orphan, "#!/does/not/exist\n");
  ASSERT_EQ(chmod(orphan.c_str(), 0700), 0);
  const std::vector<Mistake> mistakes = {
      {{"spawn", "--", "csa-no-such-command"}, 127, "csa-no-such-command"},
      {{"spawn", "/does/not/exist", "x"}, 127, "/does/not/exist"},
      {{"spawn", plain + "/x"}, 127, plain + "/x"},
      {{"spawn", orphan}, 127, orphan},
      {{"spawn", ""}, 127, "execute"},
      {{"spawn", plain}, 126, plain},
      {{"spawn", scratch().path()}, 126, scratch().path()},
  };
  for (const Mistake& mistake : mistakes) ExpectRefused(mistake);
}

TEST_F(MistakeTest, F03_MistakesOfUsage) {
  const std::vector<Mistake> mistakes = {
      {{"run", "--tool", "codxe", "x"}, 125, "codex"},
      {{"run", "--tool", "nothing-like-it", "x"}, 125, "nothing-like-it"},
      {{"run", "--tool=sh", "--modle", "m", "x"}, 125, "--model"},
      {{"run", "--tool=sh", "-q", "x"}, 125, "-q"},
      {{"run", "--tool=sh", "--model", "m", "x"}, 125, "model"},
      {{"run", "--tool=sh", "x", "--description"}, 125, "--description"},
      {{"run", "--tool=sh", "--prompt-file", "/none"}, 125, "/none"},
      {{"run", "--tool=sh", "--prompt-file", scratch().path()}, 125, ""},
      {{"run", "--tool=sh", "--cd", "/none", "x"}, 125, "/none"},
      {{"run", "--tool=sh", "--cd", "/dev/null", "x"}, 125, "/dev/null"},
      {{"run", "--tool=sh", "--env", "NAME", "x"}, 125, "NAME"},
      {{"run", "--tool=sh", "--env", "=value", "x"}, 125, "=value"},
      {{"run", "--tool=sh", "--env", "CSA_DEPTH=0", "x"}, 125, "CSA_DEPTH"},
      {{"run", "--tool=sh", "--label", "L", "x"}, 125, "L"},
      {{"run", "--tool=sh", "--format", "xml", "x"}, 125, "json"},
      {{"run", "--tool=sh", "two", "prompts"}, 125, "quotes"},
      {{"spawn"}, 125, "no command"},
      {{"spawn", "--"}, 125, "no command"},
      {{"spawn", "--tiemout", "5", "true"}, 125, "--timeout"},
      {{"spawn", "--stdin=no", "true"}, 125, "--stdin"},
      {{"spawn", "--stdin=capture", "--prompt-to=argument:1", "true"},
       125,
       "--prompt-to"},
      {{"spawn", "--prompt-to=stdin", "true"}, 125, "--prompt-to"},
  };
  for (const Mistake& mistake : mistakes) ExpectRefused(mistake);
}

TEST_F(MistakeTest, F03_DurationsThatAreNone) {
  for (const std::string option : {"--timeout", "--idle-timeout"}) {
    for (const std::string bad :
         {"0", "-1", "inf", "abc", "", "-5s", "0ms", "1x", "nan", " "}) {
      const std::string text = absl::StrCat(option, "=", bad);
      ExpectRefused({{"run", "--tool=sh", text, "x"}, 125, option});
      ExpectRefused({{"spawn", option, bad, "true"}, 125, option});
    }
  }
}

TEST_F(MistakeTest, F06_AnUnknownCommandNamesTheNearest) {
  ExpectRefused({{"wiat", "x"}, 125, "wait"});
  ExpectRefused({{"--format", "json", "session", "kil", "x"}, 125, "kill"});
  ExpectRefused({{"zzzzzz"}, 125, "zzzzzz"});
  ExpectRefused({{}, 125, "no command"});
  ExpectRefused({{"--formt", "json", "run", "x"}, 125, "--format"});
}

TEST_F(StartTest, F06_GlobalOptionsBeforeTheCommand) {
  const std::string where = std::filesystem::canonical(scratch().path());
  const Ended run =
      Csa({"--format", "json", "--cd", where, "run", "--tool", "sh", "pwd"});
  const Json json = Json::parse(run.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << run.output << run.error;
  const std::string id = json.value("session_id", "");
  EXPECT_EQ(OutputOf(id), where + "\n");
  const Ended wait = Csa({"--cd=/", "--format=json", "session", "wait", id});
  EXPECT_THAT(wait.output, StartsWith("{\"session_id\":\"" + id));
}

TEST_F(StartTest, F06_HelpAndVersionOfTheCommand) {
  EXPECT_THAT(Csa({"--help", "wait"}).output, StartsWith("Usage: csa-wait"));
  EXPECT_THAT(Csa({"help", "wait"}).output, StartsWith("Usage: csa-wait"));
  EXPECT_THAT(Csa({"wait", "--help"}).output, StartsWith("Usage: csa-wait"));
  EXPECT_THAT(Csa({"-h"}).output, StartsWith("Usage: csa "));
  EXPECT_THAT(Csa({"help"}).output, HasSubstr("\n  kill "));
  EXPECT_THAT(Csa({"--version"}).output, MatchesRegex("csa [0-9.]+\n"));
  EXPECT_THAT(Csa({"--version", "session", "kill"}).output,
              MatchesRegex("csa-kill [0-9.]+\n"));
  for (const char* command : {"run", "spawn", "wait", "kill", "attach"}) {
    const Ended help = Csa({command, "--help"});
    EXPECT_EQ(help.exit_status, 0);
    EXPECT_EQ(help.error, "");
  }
}

TEST_F(StartTest, F07_StdoutIsTheIdAndStderrOneDirective) {
  const Gate gate(scratch().PathOf("gate"));
  const Ended run =
      Csa({"run", "--tool", "sh", absl::StrCat("read go < ", gate.path())});
  ASSERT_EQ(run.output.size(), 27U) << run.output;
  EXPECT_THAT(run.output, MatchesRegex("[0-9A-HJKMNP-TV-Z]+\n"));
  const std::string id = run.output.substr(0, 26);
  const std::string command = "=\"csa session ";
  EXPECT_EQ(
      run.error,
      absl::StrCat("<!-- CSA:SESSION_STARTED id=", id,
                   " pid=", SupervisorOf(id), " dir=\"", DirectoryOf(id),
                   "\" wait_cmd", command, "wait --session ", id,
                   "\" attach_cmd", command, "attach --session ", id,
                   "\" kill_cmd", command, "kill --session ", id, "\" -->\n"));
  EXPECT_TRUE(IsRunning(id));
}

// What it says is to be given to a shell.
TEST_F(StartTest, F07_JsonAndItsCommands) {
  const Gate gate(scratch().PathOf("gate"));
  const Ended run =
      Csa({"run", "--format=json", "--tool", "sh",
           absl::StrCat("echo out; read go < ", gate.path(), "; exit 6")});
  const Json json = Json::parse(run.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << run.output;
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("attach_cmd", "dir", "kill_cmd", "pid",
                                "session_id", "wait_cmd"));
  EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1);
  const std::string id = json.value("session_id", "");
  EXPECT_EQ(json.value("pid", 0), SupervisorOf(id));
  EXPECT_EQ(json.value("dir", ""), DirectoryOf(id));
  ProgramOptions options;
  const std::string bin = std::filesystem::path(Tool("csa")).parent_path();
  options.environment = {{"PATH", PathWith(bin)}};
  gate.Open();
  const auto shell = [&](const std::string& command) {
    return RunProgram({"sh", "-c", json.value(command, "false")},
                      InTest(options));
  };
  EXPECT_EQ(shell("wait_cmd").exit_status, 6);
  EXPECT_EQ(shell("wait_cmd").output, "out\n");
  EXPECT_EQ(shell("attach_cmd").exit_status, 6);
  EXPECT_EQ(shell("kill_cmd").exit_status, 0);
}

TEST_F(StartTest, ACommandOfTheUsersOwnIsFoundOnPath) {
  for (const char* name : {"csa-foo", "csa-wait"}) {
    const std::string path = scratch().PathOf(name);
    WriteFile(path, "#!/bin/sh\nprintf '<%s>' own \"$@\"\nexit 11\n");
    ASSERT_EQ(chmod(path.c_str(), 0700), 0);
  }
  ProgramOptions options;
  options.environment = {{"PATH", PathWith(scratch().path())}};
  const Ended own =
      Csa({"--format", "json", "foo", "--help", "a b", ""}, options);
  EXPECT_EQ(own.exit_status, 11) << own.error;
  EXPECT_EQ(own.output, "<own><--format><json><--help><a b><>");
  // What is beside csa comes first.
  EXPECT_THAT(Csa({"wait", "--help"}, options).output,
              StartsWith("Usage: csa-wait"));
}

}  // namespace
}  // namespace csa
