#include "common/session/legacy_session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "common/session/session_state.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";
constexpr char kOtherId[] = "01ARYZ6S41TSV4RRFFQ69G5FAW";

TEST(LegacyPidFile, IsAPidOrAPidAndStartTicks) {
  EXPECT_EQ(ParseLegacyPidFile("4711"), (LegacyPid{.pid = 4711}));
  EXPECT_EQ(ParseLegacyPidFile("4711\n"), (LegacyPid{.pid = 4711}));
  EXPECT_EQ(ParseLegacyPidFile("4711 99\n"),
            (LegacyPid{.pid = 4711, .start_ticks = 99}));
}

TEST(LegacyPidFile, F24_NamesNoProcessThatMayNotBeSignalled) {
  for (const char* text :
       {"", "\n", "0", "1", "-1", "-4711", "1 99", "junk", "4711x", "4711 x",
        "4711 99 1", "99999999999", "4711 -1", "0x10", "4711,99"}) {
    EXPECT_EQ(ParseLegacyPidFile(text), std::nullopt) << text;
  }
}

TEST(LegacyDirective, NamesThePid) {
  EXPECT_EQ(ParseLegacyDirective(
                "noise\n<!-- CSA:SESSION_STARTED id=X pid=4711 dir=/x -->\n"),
            (LegacyPid{.pid = 4711}));
}

TEST(LegacyDirective, TheLastOneCounts) {
  EXPECT_EQ(ParseLegacyDirective("<!-- CSA:SESSION_STARTED pid=5 -->\n"
                                 "<!-- CSA:SESSION_STARTED pid=6 -->\n"
                                 "<!-- CSA:OTHER pid=7 -->\n"),
            (LegacyPid{.pid = 6}));
}

TEST(LegacyDirective, F24_NamesNoProcessThatMayNotBeSignalled) {
  for (const char* text :
       {"", "pid=5", "<!-- CSA:SESSION_STARTED pid=5",
        "<!-- CSA:SESSION_STARTED id=X -->", "<!-- CSA:SESSION_STARTED -->",
        "<!-- CSA:SESSION_STARTED pid=1 -->",
        "<!-- CSA:SESSION_STARTED pid=0 -->",
        "<!-- CSA:SESSION_STARTED pid=-1 -->",
        "<!-- CSA:SESSION_STARTED pid= -->",
        "<!-- CSA:SESSION_STARTED ppid=5 -->",
        "<!-- CSA:SESSION_STARTED id=X --> pid=5"}) {
    EXPECT_EQ(ParseLegacyDirective(text), std::nullopt) << text;
  }
}

class LegacyProcessTest : public testing::Test {
 protected:
  LegacyProcessTest() : scratch_(testing::TempDir() + "legacyXXXXXX") {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    EXPECT_EQ(mkdir((scratch_ + "/" + kId).c_str(), 0700), 0);
    sessions_ = OpenAt(AT_FDCWD, scratch_, O_RDONLY | O_DIRECTORY).value();
    unsetenv("CSA_SESSION_ID");
  }
  ~LegacyProcessTest() override {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      static_cast<void>(Reap(child));
    }
    std::filesystem::remove_all(scratch_);
  }

  SessionDirectory Open() {
    return SessionDirectory::Open(sessions_.get(),
                                  SessionId::Parse(kId).value(), kId, scratch_)
        .value();
  }

  // A session of the older csa: one file.
  SessionDirectory MakeWith(const char* file, absl::string_view text) {
    SessionDirectory session = Open();
    unlinkat(session.fd(), file, 0);
    EXPECT_TRUE(CreateFileAt(session.fd(), file, text).ok());
    return session;
  }

  // A process with `id` in its environment and `argument` in its command line.
  pid_t Start(const char* id, const std::string& argument = "x") {
    const pid_t test = getpid();
    setenv("CSA_DAEMON_SESSION_ID", id, 1);
    const pid_t pid =
        Spawn({"sh", "-c", "read x; :", argument}, [&] {
          static_cast<void>(MoveTo(never_.reader.get(), STDIN_FILENO));
          return DieWithParent(test);
        }).value();
    children_.push_back(pid);
    return pid;
  }

  Pipe never_ = OpenPipe().value();  // nobody writes to it
  std::string scratch_;
  UniqueFd sessions_;
  std::vector<pid_t> children_;
};

TEST_F(LegacyProcessTest, MayCarryTheIdInItsEnvironment) {
  const pid_t pid = Start(kId);
  EXPECT_EQ(LegacyProcess(MakeWith(kLockFile, absl::StrCat(pid))).value(), pid);
}

TEST_F(LegacyProcessTest, MayCarryTheIdInItsCommandLine) {
  const pid_t pid = Start("", absl::StrCat("--session=", kId));
  EXPECT_EQ(LegacyProcess(MakeWith(kLockFile, absl::StrCat(pid))).value(), pid);
}

TEST_F(LegacyProcessTest, F24_OneWithoutTheIdIsAStranger) {
  const pid_t pid = Start(kOtherId);
  EXPECT_EQ(LegacyProcess(MakeWith(kLockFile, absl::StrCat(pid))).value(),
            std::nullopt);
  EXPECT_EQ(LegacyProcess(MakeWith(kLockFile, absl::StrCat(getpid()))).value(),
            std::nullopt);
}

TEST_F(LegacyProcessTest, F24_TheStartTicksMustBeRight) {
  const pid_t pid = Start(kId);
  const uint64_t ticks = ReadProcessStat(pid)->start_ticks;
  EXPECT_EQ(
      LegacyProcess(MakeWith(kLockFile, absl::StrCat(pid, " ", ticks))).value(),
      pid);
  EXPECT_EQ(
      LegacyProcess(MakeWith(kLockFile, absl::StrCat(pid, " ", ticks + 1)))
          .value(),
      std::nullopt);
}

TEST_F(LegacyProcessTest, F19_AZombieHasEnded) {
  const pid_t pid = Start(kId);
  const SessionDirectory session = MakeWith(kLockFile, absl::StrCat(pid));
  const PidFd process = PidFd::Open(pid).value();
  kill(pid, SIGKILL);
  ASSERT_TRUE(process.AwaitDeath(MonotonicNow() + absl::Seconds(60)).value());
  EXPECT_EQ(LegacyProcess(session).value(), std::nullopt);
}

TEST_F(LegacyProcessTest, IsNamedByTheLogWhereThereIsNoPidFile) {
  const pid_t pid = Start(kId);
  const SessionDirectory session = MakeWith(
      kStderrFile, absl::StrCat("<!-- CSA:SESSION_STARTED pid=", pid, " -->"));
  EXPECT_EQ(LegacyProcess(session).value(), pid);
  MakeWith(kLockFile, "junk");
  EXPECT_EQ(LegacyProcess(session).value(), std::nullopt)
      << "the file comes before the log";
}

TEST_F(LegacyProcessTest, TellsTheStateOfTheSession) {
  const pid_t pid = Start(kId);
  const SessionDirectory session = MakeWith(kLockFile, absl::StrCat(pid));
  EXPECT_EQ(ReadState(session)->kind, SessionState::Kind::kRunning);
  EXPECT_EQ(ReadState(session)->supervisor, pid);
  MakeWith(kResultFile, "status = \"success\"\nexit_code = 0\n");
  EXPECT_EQ(ReadState(session)->kind, SessionState::Kind::kFinished);
  unlinkat(session.fd(), kResultFile, 0);
  MakeWith(kLockFile, "0");
  EXPECT_EQ(ReadState(session)->kind, SessionState::Kind::kLost);
}

TEST_F(LegacyProcessTest, IsOnlyAskedForWhereThereIsNoSpec) {
  const pid_t pid = Start(kId);
  const SessionDirectory session = MakeWith(kLockFile, absl::StrCat(pid));
  MakeWith(kSpecFile, "{}");
  EXPECT_EQ(ReadState(session)->kind, SessionState::Kind::kLost);
}

}  // namespace
}  // namespace csa
