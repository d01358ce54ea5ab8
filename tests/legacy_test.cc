// Promise: sessions of the older csa, which have no session.json and no lock,
// can be waited for and ended, and no stranger is ever taken for one.

#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/os/proc.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::TestParamInfo;

constexpr char kId[] = "01JAAAAAAAAAAAAAAAAAAAAAAA";

uint64_t StartTicksOf(pid_t pid) {
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
  EXPECT_TRUE(process.ok()) << process.status();
  return process.ok() ? process->start_ticks : 0;
}

class LegacyTest : public CsaTest {
 protected:
  LegacyTest() {
    fs::create_directories(DirectoryOf(kId));
    for (const std::string& directory :
         {scratch().PathOf("state"), Sessions(), DirectoryOf(kId)}) {
      EXPECT_EQ(chmod(directory.c_str(), 0700), 0);
    }
    Write("stdout.log", "of the older csa\n");
    Write("stderr.log", "");
  }

  void Write(const std::string& file, const std::string& bytes) const {
    WriteFile(absl::StrCat(DirectoryOf(kId), "/", file), bytes);
  }

  // The hostile command with the lifeline, for a script.
  std::string HostileOnLine() const {
    return absl::StrCat(Hostile(), " ", lifeline_.path());
  }

  // The options for a process that carries the session's id in its environment.
  ProgramOptions InSession() const {
    ProgramOptions options;
    options.environment["CSA_SESSION_ID"] = kId;
    return InTest(options);
  }

  // The command line of one that carries it there, as `--session ID` does.
  static std::vector<std::string> Named(const std::string& script) {
    return {"sh", "-c", script, kId};
  }

  static bool IsAlive(const Program& program) {
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(program.pid());
    return process.ok() && !process->dead();
  }

  // Expects that the session is not running, and that ending it does nothing to
  // `stranger`.
  void ExpectNotTakenFor(const Program& stranger) const {
    EXPECT_EQ(Wait(kId).exit_status, 1);
    const Ended kill = Kill(kId);
    EXPECT_EQ(kill.exit_status, 0) << kill.error;
    EXPECT_EQ(kill.output, absl::StrCat(kId, " already ended\n"));
    EXPECT_TRUE(IsAlive(stranger));
    EXPECT_EQ(ResultOf(kId).status, SessionStatus::kLost);
    fs::remove(DirectoryOf(kId) + "/result.toml");
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

// The ways in which the older csa said which process it is.
struct Naming {
  const char* name;
  std::function<std::string(pid_t)> pid_file;  // none where it gives ""
  std::function<std::string(pid_t)> stderr_log;
};

void PrintTo(const Naming& naming, std::ostream* out) { *out << naming.name; }

std::string Nothing(pid_t) { return ""; }

std::string Directive(pid_t pid) {
  return absl::StrCat("noise pid=1\n<!-- CSA:SESSION_STARTED id=", kId,
                      " pid=", pid, " dir=\"/x y\" wait_cmd=\"csa\" -->\nmore");
}

class LegacyNamingTest : public LegacyTest,
                         public testing::WithParamInterface<Naming> {
 protected:
  void Name(pid_t pid) const {
    const std::string pid_file = GetParam().pid_file(pid);
    if (!pid_file.empty()) Write("daemon.pid", pid_file);
    Write("stderr.log", GetParam().stderr_log(pid));
  }
};

TEST_P(LegacyNamingTest, WaitReturnsItsResult) {
  const std::string result = DirectoryOf(kId) + "/result.toml";
  const Program process(
      Named(absl::StrCat(
          HostileOnLine(),
          " child 0; printf 'status = \"failure\"\\nexit_code = 5\\n' > ",
          result, ".new; mv ", result, ".new ", result)),
      InTest());
  Name(process.pid());
  lifeline_.AwaitReady(1);
  Program wait(CsaArgv({"wait", kId}), InTest());
  Program attach(CsaArgv({"attach", kId}), InTest());
  attach.AwaitOutput("of the older csa\n");
  lifeline_.Release();
  const Ended waited = wait.Await();
  EXPECT_EQ(waited.exit_status, 5) << waited.error;
  EXPECT_EQ(waited.output, "of the older csa\n");
  EXPECT_EQ(attach.Await().exit_status, 5);
}

// Nobody reaps it before the test ends: a zombie is as good as gone.
TEST_P(LegacyNamingTest, F19_WithoutAResultItIsLost) {
  const Program process({Hostile(), lifeline_.path(), "child", "0"},
                        InSession());
  Name(process.pid());
  lifeline_.AwaitReady(1);
  Program wait(CsaArgv({"wait", kId}), InTest());
  lifeline_.Release();
  const Ended waited = wait.Await();
  EXPECT_EQ(waited.exit_status, 1);
  EXPECT_EQ(waited.output, "");
  EXPECT_THAT(waited.error, HasSubstr("stdout.log"));
  EXPECT_EQ(Wait(kId).exit_status, 1);
}

TEST_P(LegacyNamingTest, F22_KillEndsWhatCarriesTheId) {
  Program process({Hostile(), lifeline_.path(), "child,setsid,daemon,stopped"},
                  InSession());
  Name(process.pid());
  lifeline_.AwaitReady(5);
  Program wait(CsaArgv({"wait", kId}), InTest());
  const Ended kill = Kill(kId);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_EQ(kill.output, absl::StrCat(kId, " ended\n"));
  EXPECT_EQ(process.Await().signal, SIGTERM);
  // Between the end and its publication there was no result.
  EXPECT_THAT(wait.Await().exit_status, testing::AnyOf(1, 143));
  EXPECT_EQ(ResultOf(kId).status, SessionStatus::kKilled);
  EXPECT_EQ(Wait(kId).exit_status, 143);
  EXPECT_EQ(Kill(kId).output, absl::StrCat(kId, " already ended\n"));
}

TEST_P(LegacyNamingTest, F22_KillEndsWhatIsKnownByItsCommandLine) {
  const Program process(
      Named(absl::StrCat(HostileOnLine(), " child,own-group; :")), InTest());
  Name(process.pid());
  lifeline_.AwaitReady(3);
  EXPECT_EQ(Kill(kId).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(kId).status, SessionStatus::kKilled);
}

// What was below the named process is its own no longer when that has ended,
// and is ended all the same.
TEST_P(LegacyNamingTest, F23_KillEscalatesWhenTheNamedProcessHasGone) {
  const Program process(Named(absl::StrCat(HostileOnLine(), " ignore-term; :")),
                        InTest());
  Name(process.pid());
  lifeline_.AwaitReady(2);
  EXPECT_EQ(Kill(kId).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

INSTANTIATE_TEST_SUITE_P(
    , LegacyNamingTest,
    testing::Values(
        Naming{"Pid", [](pid_t pid) { return absl::StrCat(pid); }, Nothing},
        Naming{"PidLine", [](pid_t pid) { return absl::StrCat(pid, "\n"); },
               Nothing},
        Naming{"PidAndStartTicks",
               [](pid_t pid) {
                 return absl::StrCat(pid, " ", StartTicksOf(pid), "\n");
               },
               Nothing},
        Naming{"Directive", Nothing, Directive}),
    [](const TestParamInfo<Naming>& of) { return of.param.name; });

// What a pid file may hold that means no process of the session.
struct Stranger {
  const char* name;
  std::function<std::string(pid_t)> pid_file;
};

void PrintTo(const Stranger& stranger, std::ostream* out) {
  *out << stranger.name;
}

class LegacyStrangerTest : public LegacyTest,
                           public testing::WithParamInterface<Stranger> {};

// The process has the id on its command line, and is not the one that is meant.
TEST_P(LegacyStrangerTest, F24_IsNotTakenForTheSession) {
  const Program stranger(Named(absl::StrCat(HostileOnLine(), " child 0; :")),
                         InTest());
  lifeline_.AwaitReady(1);
  Write("daemon.pid", GetParam().pid_file(stranger.pid()));
  ExpectNotTakenFor(stranger);
  EXPECT_FALSE(lifeline_.AllDead());
}

std::function<std::string(pid_t)> Always(const std::string& text) {
  return [text](pid_t) { return text; };
}

INSTANTIATE_TEST_SUITE_P(
    , LegacyStrangerTest,
    testing::Values(
        Stranger{"Zero", Always("0\n")}, Stranger{"Init", Always("1\n")},
        Stranger{"InitsTicks", Always("1 0\n")},
        Stranger{"Everyone", Always("-1\n")},
        Stranger{"Group", [](pid_t pid) { return absl::StrCat(-pid); }},
        Stranger{"Junk", Always("junk\n")}, Stranger{"Empty", Always("")},
        Stranger{"Huge", Always("99999999999999999999\n")},
        Stranger{"Wrapped",
                 [](pid_t pid) {
                   return absl::StrCat((uint64_t{1} << 32) +
                                       static_cast<uint64_t>(pid));
                 }},
        Stranger{"JunkBehind",
                 [](pid_t pid) { return absl::StrCat(pid, "x\n"); }},
        Stranger{"JunkForTicks",
                 [](pid_t pid) { return absl::StrCat(pid, " x\n"); }},
        Stranger{"ThreeNumbers",
                 [](pid_t pid) {
                   return absl::StrCat(pid, " ", StartTicksOf(pid), " 1\n");
                 }},
        Stranger{"OtherStartTicks",
                 [](pid_t pid) {
                   return absl::StrCat(pid, " ", StartTicksOf(pid) + 1, "\n");
                 }}),
    [](const TestParamInfo<Stranger>& of) { return of.param.name; });

// It has no lock that would tell whether it is about to begin.
TEST_F(LegacyTest, F35_GcLeavesItAlone) {
  Program process(
      {"sh", "-c", absl::StrCat("exec ", HostileOnLine(), " setsid")},
      InTest(InSession()));
  lifeline_.AwaitReady(2);
  const Ended gc = Csa({"gc", "--keep=0", "--older=1ms", "--size=1"});
  EXPECT_EQ(gc.exit_status, 0) << gc.error;
  EXPECT_EQ(gc.output, "");
  EXPECT_FALSE(lifeline_.AllDead());
  EXPECT_FALSE(fs::exists(DirectoryOf(kId) + "/result.toml"));
  // What csa-kill does is asked for.
  EXPECT_EQ(Kill(kId).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

TEST_F(LegacyTest, F24_AProcessWithoutTheIdIsAStranger) {
  const Program stranger({Hostile(), lifeline_.path(), "child"}, InTest());
  lifeline_.AwaitReady(2);
  const pid_t pid = stranger.pid();
  for (const std::string& pid_file :
       {absl::StrCat(pid, "\n"),
        absl::StrCat(pid, " ", StartTicksOf(pid), "\n")}) {
    Write("daemon.pid", pid_file);
    ExpectNotTakenFor(stranger);
  }
  fs::remove(DirectoryOf(kId) + "/daemon.pid");
  for (const std::string& log :
       {Directive(pid), Directive(1), Directive(-1),
        std::string("<!-- CSA:SESSION_STARTED pid=")}) {
    Write("stderr.log", log);
    ExpectNotTakenFor(stranger);
  }
}

// A pid file that is wrong is not made good by the log.
TEST_F(LegacyTest, F24_TheLogCountsOnlyWithoutAPidFile) {
  const Program stranger(Named(absl::StrCat(HostileOnLine(), " child 0; :")),
                         InTest());
  lifeline_.AwaitReady(1);
  Write("stderr.log", Directive(stranger.pid()));
  Write("daemon.pid", "0\n");
  ExpectNotTakenFor(stranger);
}

// In a pid namespace of its own a test can choose what pid comes next.
TEST_F(LegacyTest, F24_AReusedPidIsAStranger) {
  // In a file: the shell's own command line must not have the id in it.
  const std::string script = scratch().PathOf("reuse.sh");
  WriteFile(script, absl::StrReplaceAll(
                        R"sh(
exec 2> ERRORS
field() { cut -d' ' -f"$2" "/proc/$1/stat"; }
# Starts $new, which has $1 on its command line when this returns.
live() {
  sh -c "echo > FIFO.ready; read x < FIFO.go; :" "$1" &
  new=$!
  read x < FIFO.ready
}
next_is() { echo $(($1 - 1)) > /proc/sys/kernel/ns_last_pid || exit 77; }
judge() {
  CSA wait ID; echo "wait $?"
  CSA kill ID; echo "kill $?"
  echo "state $(field $new 3)"
  rm DIR/result.toml
  kill -9 $new
  wait $new
}
mkfifo FIFO.ready
live ID; old=$new
ticks=$(field $old 22)
kill -9 $old; wait $old
# The same pid and the id, in a later hundredth of a second.
while
  next_is $old; live ID
  [ $new = $old ] || exit 78
  [ "$(field $new 22)" = $ticks ]
do
  kill -9 $new; wait $new
done
echo "$old $ticks" > DIR/daemon.pid
judge
# One without the id, where there are no ticks to tell it by.
next_is $old; live other
[ $new = $old ] || exit 79
echo $old > DIR/daemon.pid
judge
)sh",
                        {{"FIFO", lifeline_.path()},
                         {"DIR", DirectoryOf(kId)},
                         {"ERRORS", scratch().PathOf("errors")},
                         {"CSA", Tool("csa")},
                         {"ID", kId}}));
  const Ended ended = RunProgram(InPidNamespace({"bash", script}), InTest());
  if (absl::StrContains(ended.error, "unshare: ") || ended.exit_status == 77) {
    GTEST_SKIP() << "no pid can be chosen here: " << ended.error
                 << ReadFile(scratch().PathOf("errors"));
  }
  const std::string spared =
      absl::StrCat("wait 1\n", kId, " already ended\nkill 0\nstate S\n");
  EXPECT_EQ(ended.output, spared + spared)
      << ended.exit_status << ended.error
      << ReadFile(scratch().PathOf("errors"));
}

}  // namespace
}  // namespace csa
