#include "common/session/ending.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/session/session_state.h"
#include "common/testing/session_main.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;
using Outcome = Ending::Outcome;

absl::Time Soon() { return MonotonicNow() + absl::Seconds(60); }

class EndSessionTest : public testing::Test {
 protected:
  // The test itself carries the id `id`, if it is not another one: so do the
  // supervisors that it forks.
  explicit EndSessionTest(const char* id = kTestSession)
      : scratch_(testing::TempDir() + "endingXXXXXX"),
        id_(SessionId::Parse(id).value()),
        session_(Make()) {}
  ~EndSessionTest() override {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      static_cast<void>(Reap(child));
    }
    std::filesystem::remove_all(scratch_);
  }

  SessionDirectory Make() {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    EXPECT_EQ(mkdir((scratch_ + "/" + id_.text()).c_str(), 0700), 0);
    return Reopen();
  }

  SessionDirectory Reopen() const {
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, scratch_, O_RDONLY | O_DIRECTORY).value();
    return SessionDirectory::Open(sessions.get(), id_, id_.text(), scratch_)
        .value();
  }

  // Makes it one of ours, not of the older csa.
  void WriteSpec() {
    const SessionSpec spec = {.id = id_.text(),
                              .created_at = absl::FromUnixMillis(1000),
                              .argv = {"true"},
                              .tool = "codex"};
    EXPECT_TRUE(
        CreateFileAt(session_.fd(), kSpecFile, FormatSessionSpec(spec)).ok());
  }

  // A child that holds the lock on daemon.pid, calls `prepare`, and then waits
  // to be ended, or lives as it is told.
  pid_t StartSupervisor(
      absl::FunctionRef<void()> prepare, absl::FunctionRef<void()> live = [] {
        while (true) pause();
      }) {
    const Pipe ready = OpenPipe().value();
    const pid_t pid =
        ForkWorker([&] {
          const UniqueFd lock =
              OpenAt(session_.fd(), kLockFile, O_RDWR | O_CREAT, 0600).value();
          if (!LockForWriting(lock.get()).ok()) return;
          prepare();
          static_cast<void>(WriteAll(ready.writer.get(), "x"));
          live();
        }).value();
    children_.push_back(pid);
    EXPECT_TRUE(AwaitReadable(ready.reader.get(), Soon()).value());
    return pid;
  }

  // A process with the session's id in its environment.
  pid_t StartMarked() { return StartProcess(id_.text()); }

  // A process with `id` as the session's in its environment.
  pid_t StartProcess(const std::string& id) {
    const pid_t test = getpid();
    setenv("CSA_SESSION_ID", id.c_str(), 1);
    const pid_t pid = Spawn({"sh", "-c", "read x; :"}, [&] {
                        const int error =
                            MoveTo(never_.reader.get(), STDIN_FILENO);
                        return error != 0 ? error : DieWithParent(test);
                      }).value();
    children_.push_back(pid);
    return pid;
  }

  static bool IsDead(pid_t child) { return ReadProcessStat(child)->dead(); }

  std::string scratch_;
  const SessionId id_;
  const SessionDirectory session_;
  Pipe never_ = OpenPipe().value();  // nobody writes to it
  std::vector<pid_t> children_;
};

// A session without a supervisor of which the test is no part.
class EndLostSessionTest : public EndSessionTest {
 protected:
  EndLostSessionTest() : EndSessionTest("00000000000000000000000001") {}
};

TEST_F(EndSessionTest, F28_AFinishedSessionHasEndedAlready) {
  WriteSpec();
  ASSERT_TRUE(session_
                  .Publish({.id = id_.text(),
                            .status = SessionStatus::kSuccess,
                            .exit_code = 0,
                            .strays = 3})
                  .ok());
  const pid_t marked = StartMarked();
  const absl::StatusOr<Ending> ending = EndSession(session_);
  ASSERT_TRUE(ending.ok()) << ending.status();
  EXPECT_EQ(ending->outcome, Outcome::kAlreadyEnded);
  EXPECT_FALSE(ending->lost);
  EXPECT_EQ(ending->strays, 3);
  EXPECT_FALSE(IsDead(marked));
}

// It was stopped by a csa-kill that was killed when it had published.
TEST_F(EndSessionTest, F29_ASupervisorThatStaysAfterTheResultIsEnded) {
  WriteSpec();
  const pid_t supervisor = StartSupervisor([] {});
  ASSERT_TRUE(session_.Publish({.id = id_.text()}).ok());
  ASSERT_EQ(kill(supervisor, SIGSTOP), 0);
  const absl::StatusOr<Ending> ending = EndSession(session_);
  ASSERT_TRUE(ending.ok()) << ending.status();
  EXPECT_EQ(ending->outcome, Outcome::kAlreadyEnded);
  EXPECT_TRUE(PidFd::Open(supervisor)->AwaitDeath(Soon()).value());
}

TEST_F(EndSessionTest, F12_ACorruptResultIsLeftAlone) {
  WriteSpec();
  ASSERT_TRUE(CreateFileAt(session_.fd(), kResultFile, "torn").ok());
  EXPECT_TRUE(absl::IsDataLoss(EndSession(session_).status()));
  EXPECT_EQ(ReadFileAt(session_.fd(), kResultFile, 100).value(), "torn");
}

TEST_F(EndLostSessionTest, F15_OfALostSessionOnlyTheResultIsMissing) {
  WriteSpec();
  ASSERT_TRUE(CreateFileAt(session_.fd(), kStdoutFile, "last\n\n").ok());
  const absl::StatusOr<Ending> ending = EndSession(session_);
  ASSERT_TRUE(ending.ok()) << ending.status();
  EXPECT_EQ(ending->outcome, Outcome::kAlreadyEnded);
  EXPECT_TRUE(ending->lost);
  EXPECT_EQ(ending->strays, 0);
  const SessionResult result = session_.ReadResult().value();
  EXPECT_EQ(result.status, SessionStatus::kLost);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.tool, "codex");
  EXPECT_EQ(result.summary, "last");
  EXPECT_EQ(result.started_at, absl::FromUnixMillis(1000));
  EXPECT_EQ(result.command_exit, std::nullopt);
  EXPECT_EQ(result.ended_by, "");
  // Killing twice is as good as once.
  EXPECT_EQ(EndSession(session_)->outcome, Outcome::kAlreadyEnded);
}

TEST_F(EndLostSessionTest, F22_OfALostSessionWhatCarriesItsIdIsEnded) {
  WriteSpec();
  const pid_t marked = StartMarked();
  const absl::StatusOr<Ending> ending = EndSession(session_);
  ASSERT_TRUE(ending.ok()) << ending.status();
  EXPECT_EQ(ending->outcome, Outcome::kEnded);
  EXPECT_TRUE(ending->lost);
  EXPECT_EQ(ending->strays, 1);
  EXPECT_TRUE(IsDead(marked));
  const SessionResult result = session_.ReadResult().value();
  EXPECT_EQ(result.status, SessionStatus::kLost);
  EXPECT_EQ(result.strays, 1);
  EXPECT_THAT(result.stray_names, ElementsAre(absl::StrCat(marked, " sh")));
}

TEST_F(EndLostSessionTest, F22_AStoppedProcessIsEndedAsWell) {
  WriteSpec();
  const pid_t marked = StartMarked();
  kill(marked, SIGSTOP);
  EXPECT_EQ(EndSession(session_)->outcome, Outcome::kEnded);
  EXPECT_TRUE(IsDead(marked));
}

TEST_F(EndSessionTest, ASupervisorThatPublishesEndsItsSession) {
  WriteSpec();
  sigset_t request;
  sigemptyset(&request);
  sigaddset(&request, SIGTERM);
  const pid_t supervisor = StartSupervisor(
      [&] { sigprocmask(SIG_BLOCK, &request, nullptr); },
      [&] {
        int signal;
        sigwait(&request, &signal);
        static_cast<void>(session_.Publish({.id = id_.text(),
                                            .status = SessionStatus::kKilled,
                                            .exit_code = 143,
                                            .strays = 2}));
      });
  const absl::StatusOr<Ending> ending = EndSession(session_);
  ASSERT_TRUE(ending.ok()) << ending.status();
  EXPECT_EQ(ending->outcome, Outcome::kEnded);
  EXPECT_FALSE(ending->lost);
  EXPECT_EQ(ending->strays, 2);
  EXPECT_TRUE(IsDead(supervisor));
}

TEST_F(EndSessionTest, F28_ASupervisorThatDiesOfTheRequestLosesItsSession) {
  WriteSpec();
  const pid_t marked = StartMarked();
  const pid_t supervisor = StartSupervisor([] {});
  // Stopped, so that SIGTERM alone would have no effect (F29).
  kill(supervisor, SIGSTOP);
  const absl::StatusOr<Ending> ending = EndSession(session_);
  ASSERT_TRUE(ending.ok()) << ending.status();
  EXPECT_TRUE(ending->lost);
  EXPECT_TRUE(IsDead(supervisor));
  EXPECT_TRUE(IsDead(marked));
  // Nobody ends itself, nor says that nothing is left.
  EXPECT_EQ(ending->outcome, Outcome::kStillAlive);
  ASSERT_EQ(ending->alive.size(), 1U);
  EXPECT_EQ(ending->alive[0].pid, getpid());
  EXPECT_FALSE(session_.HasResult());
}

// Takes the 9 s that a supervisor has.
TEST_F(EndSessionTest, F29_TheWorkOfAHungSupervisorIsDone) {
  WriteSpec();
  const Pipe report = OpenPipe().value();
  const pid_t supervisor = StartSupervisor([&] {
    signal(SIGTERM, SIG_IGN);
    const pid_t below = fork();
    if (below == 0) {
      setsid();
      while (true) pause();
    }
    static_cast<void>(
        WriteAll(report.writer.get(),
                 {reinterpret_cast<const char*>(&below), sizeof below}));
  });
  pid_t below = 0;
  ASSERT_EQ(read(report.reader.get(), &below, sizeof below),
            static_cast<ssize_t>(sizeof below));
  const PidFd below_process = PidFd::Open(below).value();
  const absl::StatusOr<Ending> ending = EndSession(session_);
  ASSERT_TRUE(ending.ok()) << ending.status();
  EXPECT_EQ(ending->outcome, Outcome::kEnded);
  EXPECT_EQ(ending->strays, 1);
  EXPECT_TRUE(IsDead(supervisor));
  EXPECT_TRUE(below_process.AwaitDeath(MonotonicNow()).value());
  const SessionResult result = session_.ReadResult().value();
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_EQ(result.strays, 1);
  EXPECT_THAT(result.stray_names[0], StartsWith(absl::StrCat(below, " ")));
  EXPECT_THAT(result.ended_by, StartsWith(absl::StrCat(getpid(), " ")));
}

TEST_F(EndLostSessionTest, ALegacySessionIsEndedByItsProcess) {
  const pid_t process = StartMarked();
  ASSERT_TRUE(
      CreateFileAt(session_.fd(), kLockFile, absl::StrCat(process)).ok());
  const absl::StatusOr<Ending> ending = EndSession(session_);
  ASSERT_TRUE(ending.ok()) << ending.status();
  EXPECT_EQ(ending->outcome, Outcome::kEnded);
  EXPECT_FALSE(ending->lost);
  EXPECT_TRUE(IsDead(process));
  EXPECT_EQ(session_.ReadResult()->status, SessionStatus::kKilled);
}

TEST_F(EndLostSessionTest, F24_ALegacySessionThatNamesAStrangerHarmsNobody) {
  const pid_t stranger = StartProcess("another");
  ASSERT_TRUE(
      CreateFileAt(session_.fd(), kLockFile, absl::StrCat(stranger)).ok());
  EXPECT_EQ(EndSession(session_)->outcome, Outcome::kAlreadyEnded);
  EXPECT_FALSE(IsDead(stranger));
}

TEST_F(EndSessionTest, SeveralAreEndedAndEachIsTold) {
  WriteSpec();
  StartSupervisor([this] {
    ASSERT_TRUE(session_.Publish({.id = id_.text(), .strays = 2}).ok());
  });
  std::vector<SessionDirectory> sessions;
  sessions.push_back(Reopen());
  sessions.push_back(Reopen());
  std::vector<size_t> told;
  EndSessions(sessions, [&](size_t i, const absl::StatusOr<Ending>& ending) {
    EXPECT_TRUE(ending.ok()) << ending.status();
    EXPECT_EQ(ending->strays, 2);
    told.push_back(i);
  });
  EXPECT_THAT(told, testing::UnorderedElementsAre(0, 1));
  EndSessions({}, [](size_t, const absl::StatusOr<Ending>&) { FAIL(); });
}

TEST_F(EndSessionTest, ARemovedSessionIsNotFound) {
  WriteSpec();
  std::filesystem::remove_all(session_.path());
  EXPECT_TRUE(absl::IsNotFound(EndSession(session_).status()));
}

}  // namespace
}  // namespace csa
