#include "tools/supervise/lifecycle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/session/ending.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";
// Reads until the test ends: nobody writes.
constexpr char kForever[] = "read x <&3";
constexpr char kLeaveOneStopped[] = "sh -c 'echo; kill -STOP $$' & exit 0";

absl::Time Soon() { return MonotonicNow() + absl::Seconds(60); }

class LifecycleTest : public testing::Test {
 protected:
  LifecycleTest()
      : scratch_(testing::TempDir() + "lifecycleXXXXXX"),
        session_(Make()),
        own_(OpenAt(session_.fd(), kLockFile, O_RDWR | O_CREAT, 0600).value()),
        nested_(IdentityOf(own_.get()).value()),
        start_(MonotonicNow()) {
    EXPECT_TRUE(BecomeSubreaper().ok());
  }
  ~LifecycleTest() override {
    while (!absl::IsNotFound(ReapAny().status())) {
      for (const ProcessStat& process : Descendants(getpid()).Members()) {
        kill(process.pid, SIGKILL);
      }
    }
    std::filesystem::remove_all(scratch_);
  }

  SessionDirectory Make() {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    EXPECT_EQ(mkdir((scratch_ + "/" + kId).c_str(), 0700), 0);
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, scratch_, O_RDONLY | O_DIRECTORY).value();
    return SessionDirectory::Open(sessions.get(), SessionId::Parse(kId).value(),
                                  kId, scratch_)
        .value();
  }

  // Starts sh with `script` as the leader. Where that prints something, waits
  // for it.
  Lifecycle& Start(const std::string& script, const SessionSpec& spec = {}) {
    const Pipe pipe = OpenPipe().value();
    leader_ = Spawn({"sh", "-c", absl::StrCat("exec 3<&0; ", script)}, [&] {
                int error = LeaveProcessGroup();
                if (error == 0) {
                  error = MoveTo(never_.reader.get(), STDIN_FILENO);
                }
                if (error == 0) {
                  error = MoveTo(pipe.writer.get(), STDOUT_FILENO);
                }
                return error;
              }).value();
    process_ = PidFd::Open(leader_).value();
    if (script.find("echo") != script.npos) {
      EXPECT_TRUE(AwaitReadable(pipe.reader.get(), Soon()).value());
    }
    return lifecycle_.emplace(session_, spec, nested_, leader_, nullptr,
                              start_);
  }

  // As the supervisor does: reaps, tells, advances. Returns whether it is over.
  bool Advance(absl::Time now) {
    while (true) {
      const auto child = ReapAny();
      if (!child.ok()) return lifecycle_->Advance(true, now);
      if (!child->has_value()) return lifecycle_->Advance(false, now);
      lifecycle_->ChildEnded((*child)->pid, (*child)->wait_status);
    }
  }

  // Advances at each death, with the time standing still at `now`, until it is
  // over.
  bool AdvanceToTheEnd(absl::Time now) {
    const absl::Time deadline = Soon();
    while (!Advance(now)) {
      const auto alive = Descendants(getpid()).Members();
      if (MonotonicNow() >= deadline) return false;
      if (alive.empty()) continue;
      const absl::StatusOr<PidFd> process = PidFd::Open(alive[0].pid);
      if (process.ok()) static_cast<void>(process->AwaitDeath(deadline));
    }
    return true;
  }

  // Blocks until the leader of kLeaveOneStopped has ended and the process that
  // it leaves behind is stopped: that one is not at work for certain.
  pid_t AwaitStoppedStray() {
    EXPECT_TRUE(LeaderDies());
    siginfo_t stray = {};
    EXPECT_EQ(waitid(P_ALL, 0, &stray, WSTOPPED), 0);
    return stray.si_pid;
  }

  bool LeaderDies() { return process_->AwaitDeath(Soon()).value(); }
  bool LeaderLives() {
    return !process_->AwaitDeath(MonotonicNow() + absl::Milliseconds(30))
                .value();
  }

  SessionResult Result() {
    SessionResult result;
    lifecycle_->Describe(result);
    return result;
  }

  void AppendTo(const char* log, absl::string_view text) {
    const UniqueFd file =
        OpenAt(session_.fd(), log, O_WRONLY | O_CREAT | O_APPEND, 0600).value();
    EXPECT_TRUE(WriteAll(file.get(), text).ok());
  }

  Pipe never_ = OpenPipe().value();  // nobody writes to it
  std::string scratch_;
  const SessionDirectory session_;
  const UniqueFd own_;
  NestedSessions nested_;
  const absl::Time start_;
  pid_t leader_ = 0;
  std::optional<PidFd> process_;
  std::optional<Lifecycle> lifecycle_;
};

TEST_F(LifecycleTest, ANaturalEndHasTheCommandsOutcome) {
  Start("exit 3");
  ASSERT_TRUE(LeaderDies());
  EXPECT_TRUE(Advance(start_)) << "nothing to linger for";
  const SessionResult result = Result();
  EXPECT_EQ(result.status, SessionStatus::kFailure);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.command_exit, 3);
  EXPECT_EQ(result.command_signal, std::nullopt);
  EXPECT_EQ(result.strays, 0);
  EXPECT_EQ(result.ended_by, "");
}

TEST_F(LifecycleTest, F24_AnotherWhoGetsTheLeadersPidChangesNothing) {
  Start("exit 3");
  ASSERT_TRUE(LeaderDies());
  EXPECT_TRUE(Advance(start_));
  lifecycle_->ChildEnded(leader_, W_EXITCODE(42, 0));
  EXPECT_EQ(Result().exit_code, 3);
}

TEST_F(LifecycleTest, ExitStatusZeroIsSuccess) {
  Start("exit 0");
  ASSERT_TRUE(LeaderDies());
  EXPECT_TRUE(Advance(start_));
  EXPECT_EQ(Result().status, SessionStatus::kSuccess);
  EXPECT_EQ(Result().exit_code, 0);
}

TEST_F(LifecycleTest, F27_ASignalThatWasNotOursIsSaidSo) {
  Start("kill -SEGV $$");
  ASSERT_TRUE(LeaderDies());
  EXPECT_TRUE(Advance(start_));
  const SessionResult result = Result();
  EXPECT_EQ(result.status, SessionStatus::kSignal);
  EXPECT_EQ(result.exit_code, 128 + SIGSEGV);
  EXPECT_EQ(result.command_exit, std::nullopt);
  EXPECT_EQ(result.command_signal, SIGSEGV);
}

TEST_F(LifecycleTest, NothingIsDueWhereThereAreNoTimeouts) {
  Lifecycle& lifecycle = Start(kForever);
  EXPECT_EQ(lifecycle.wake_time(), absl::InfiniteFuture());
  EXPECT_FALSE(Advance(start_ + absl::Hours(10'000)));
  EXPECT_EQ(lifecycle.wake_time(), absl::InfiniteFuture());
  EXPECT_TRUE(LeaderLives());
}

TEST_F(LifecycleTest, F27_ARequestMakesItKilled) {
  Lifecycle& lifecycle = Start(kForever);
  lifecycle.EndRequested("77 bash");
  lifecycle.EndRequested("78 other");
  EXPECT_TRUE(AdvanceToTheEnd(start_));
  const SessionResult result = Result();
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_EQ(result.command_signal, SIGTERM);
  EXPECT_EQ(result.ended_by, "77 bash");
  EXPECT_EQ(result.strays, 0);
}

TEST_F(LifecycleTest, F27_WhateverTheCommandMakesOfTheRequest) {
  for (const int exit_code : {0, 1, 143}) {
    Lifecycle& lifecycle =
        Start(absl::StrCat("trap 'exit ", exit_code,
                           "' TERM; echo; while :; do ", kForever, "; done"));
    lifecycle.EndRequested("77 bash");
    EXPECT_TRUE(AdvanceToTheEnd(start_));
    EXPECT_EQ(Result().status, SessionStatus::kKilled);
    EXPECT_EQ(Result().exit_code, 143);
    EXPECT_EQ(Result().command_exit, exit_code);
  }
}

TEST_F(LifecycleTest, F28_ARequestAfterTheLeadersDeathKeepsItsOutcome) {
  Lifecycle& lifecycle =
      Start(absl::StrCat("sh -c 'echo; ", kForever, "' & exit 3"));
  ASSERT_TRUE(LeaderDies());
  lifecycle.EndRequested("77 bash");
  // The stray is not given the time to end by itself.
  EXPECT_TRUE(AdvanceToTheEnd(start_));
  const SessionResult result = Result();
  EXPECT_EQ(result.status, SessionStatus::kFailure);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.ended_by, "");
  EXPECT_EQ(result.strays, 1);
}

// Somebody who ends the session from outside has killed it.
TEST_F(LifecycleTest, F27_ARequestUnreadWhenTheLeaderIsKilledIsTheReason) {
  Lifecycle& lifecycle = Start(kForever);
  kill(leader_, SIGKILL);
  ASSERT_TRUE(LeaderDies());
  lifecycle.EndRequested("77 bash");
  EXPECT_TRUE(AdvanceToTheEnd(start_));
  const SessionResult result = Result();
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_EQ(result.command_signal, SIGKILL);
  EXPECT_EQ(result.ended_by, "77 bash");
}

TEST_F(LifecycleTest, AStubbornLeaderIsKilledAfterTheGracePeriod) {
  Lifecycle& lifecycle = Start(
      absl::StrCat("trap '' TERM; echo; while :; do ", kForever, "; done"));
  lifecycle.EndRequested("77 bash");
  EXPECT_FALSE(Advance(start_));
  EXPECT_TRUE(LeaderLives());
  EXPECT_LE(lifecycle.wake_time(), start_ + kGracePeriod);
  EXPECT_TRUE(AdvanceToTheEnd(start_ + kGracePeriod));
  EXPECT_EQ(Result().status, SessionStatus::kKilled);
  EXPECT_EQ(Result().command_signal, SIGKILL);
  EXPECT_EQ(Result().strays, 0);
}

TEST_F(LifecycleTest, ATimeoutEndsIt) {
  const absl::Time end = start_ + absl::Seconds(10);
  Lifecycle& lifecycle = Start(kForever, {.timeout = absl::Seconds(10)});
  EXPECT_EQ(lifecycle.wake_time(), end);
  EXPECT_FALSE(Advance(end - absl::Milliseconds(1)));
  EXPECT_EQ(lifecycle.wake_time(), end);
  EXPECT_TRUE(LeaderLives());
  EXPECT_TRUE(AdvanceToTheEnd(end));
  EXPECT_EQ(Result().status, SessionStatus::kTimeout);
  EXPECT_EQ(Result().exit_code, 143);
  EXPECT_EQ(Result().ended_by, "");
}

TEST_F(LifecycleTest, ATimeoutAfterTheNaturalEndDoesNotCount) {
  Start("exit 0", {.timeout = absl::Seconds(10)});
  ASSERT_TRUE(LeaderDies());
  EXPECT_TRUE(Advance(start_ + absl::Seconds(11)));
  EXPECT_EQ(Result().status, SessionStatus::kSuccess);
}

TEST_F(LifecycleTest, F31_SilenceForTheIdleTimeoutEndsIt) {
  AppendTo(kStdoutFile, "x");
  Lifecycle& lifecycle = Start(kForever, {.idle_timeout = absl::Seconds(10)});
  EXPECT_EQ(lifecycle.wake_time(), start_ + absl::Seconds(1));
  // The first look sees a byte that has been written since the start.
  for (int second = 1; second <= 10; ++second) {
    ASSERT_FALSE(Advance(start_ + absl::Seconds(second))) << second;
    EXPECT_EQ(lifecycle.wake_time(), start_ + absl::Seconds(second + 1));
  }
  EXPECT_TRUE(LeaderLives());
  EXPECT_TRUE(AdvanceToTheEnd(start_ + absl::Seconds(11)));
  EXPECT_EQ(Result().status, SessionStatus::kIdleTimeout);
  EXPECT_EQ(Result().exit_code, 143);
}

TEST_F(LifecycleTest, F31_AnyOutputOnEitherStreamPutsItOff) {
  Start(kForever, {.idle_timeout = absl::Seconds(10)});
  int second = 0;
  const auto advance = [&](int seconds) {
    for (const int end = second + seconds; second < end;) {
      ASSERT_FALSE(Advance(start_ + absl::Seconds(++second))) << second;
    }
  };
  advance(8);
  AppendTo(kStdoutFile, "x");
  advance(8);
  AppendTo(kStderrFile, "x");
  advance(8);
  // Being cut is a change as well (F40).
  std::filesystem::resize_file(session_.PathOf(kStdoutFile), 0);
  advance(8);
  EXPECT_TRUE(LeaderLives());
  EXPECT_EQ(lifecycle_->wake_time(), start_ + absl::Seconds(second + 1));
}

TEST_F(LifecycleTest, F31_TheTimeoutsAreIndependent) {
  Lifecycle& lifecycle = Start(kForever, {.timeout = absl::Milliseconds(15'500),
                                          .idle_timeout = absl::Seconds(10)});
  for (int second = 1; second <= 15; ++second) {
    AppendTo(kStdoutFile, "x");
    ASSERT_FALSE(Advance(start_ + absl::Seconds(second))) << second;
  }
  EXPECT_EQ(lifecycle.wake_time(), start_ + absl::Milliseconds(15'500));
  EXPECT_TRUE(AdvanceToTheEnd(lifecycle.wake_time()));
  EXPECT_EQ(Result().status, SessionStatus::kTimeout);
}

TEST_F(LifecycleTest, AShortIdleTimeoutIsNotLookedForTooOften) {
  Lifecycle& lifecycle =
      Start(kForever, {.idle_timeout = absl::Milliseconds(200)});
  EXPECT_EQ(lifecycle.wake_time(), start_ + absl::Milliseconds(100));
}

TEST_F(LifecycleTest, F26_WhatIsLeftBehindIsEndedAfterALinger) {
  Lifecycle& lifecycle = Start(kLeaveOneStopped);
  const pid_t stray = AwaitStoppedStray();
  EXPECT_FALSE(Advance(start_));
  EXPECT_EQ(lifecycle.wake_time(), start_ + kLinger);
  EXPECT_FALSE(Advance(start_ + kLinger - absl::Milliseconds(1)));
  EXPECT_FALSE(ReadProcessStat(stray)->dead());
  EXPECT_TRUE(AdvanceToTheEnd(start_ + kLinger));
  EXPECT_EQ(Result().status, SessionStatus::kSuccess);
  EXPECT_EQ(Result().strays, 1);
  EXPECT_THAT(Result().stray_names, ElementsAre(absl::StrCat(stray, " sh")));
}

TEST_F(LifecycleTest, F13_WhatIsLeftBehindMayGoOnWhileItWrites) {
  AppendTo(kStdoutFile, "before");
  Lifecycle& lifecycle = Start(kLeaveOneStopped);
  AwaitStoppedStray();
  EXPECT_FALSE(Advance(start_));
  AppendTo(kStdoutFile, "x");
  EXPECT_FALSE(Advance(start_ + kLinger));
  EXPECT_EQ(lifecycle.wake_time(), start_ + 2 * kLinger);
  AppendTo(kStderrFile, "x");
  EXPECT_FALSE(Advance(start_ + 2 * kLinger));
  EXPECT_EQ(lifecycle.wake_time(), start_ + 3 * kLinger);
  EXPECT_TRUE(AdvanceToTheEnd(start_ + 3 * kLinger));
  EXPECT_EQ(Result().strays, 1);
}

TEST_F(LifecycleTest, F13_WhatIsLeftBehindMayGoOnWhileItRuns) {
  Start("sh -c 'echo; while :; do :; done' & exit 0");
  ASSERT_TRUE(LeaderDies());
  for (absl::Time now = start_; now < start_ + kLongestLinger; now += kLinger) {
    ASSERT_FALSE(Advance(now)) << now - start_;
    ASSERT_EQ(lifecycle_->wake_time(), now + kLinger);
  }
  EXPECT_TRUE(AdvanceToTheEnd(start_ + kLongestLinger));
  EXPECT_EQ(Result().status, SessionStatus::kSuccess);
  EXPECT_EQ(Result().strays, 1);
}

TEST_F(LifecycleTest, WhatEndsByItselfIsNoStray) {
  Start(absl::StrCat("sh -c 'echo; ", kForever, "; :' & exit 0"));
  ASSERT_TRUE(LeaderDies());
  EXPECT_FALSE(Advance(start_));
  const PidFd child = PidFd::Open(ChildrenOf(getpid())[0]).value();
  never_.writer.Reset();
  ASSERT_TRUE(child.AwaitDeath(Soon()).value());
  EXPECT_TRUE(Advance(start_ + absl::Milliseconds(1)));
  EXPECT_EQ(Result().strays, 0);
}

TEST_F(LifecycleTest, AtMostTenStraysAreNamed) {
  Start(absl::StrCat("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sh -c '",
                     kForever, "; :' & done; echo; exit 0"));
  ASSERT_TRUE(LeaderDies());
  EXPECT_FALSE(Advance(start_));
  EXPECT_TRUE(AdvanceToTheEnd(start_ + kLongestLinger));
  EXPECT_EQ(Result().strays, 12);
  EXPECT_EQ(Result().stray_names.size(), 10U);
}

TEST_F(LifecycleTest, ANestedSessionOutlivesANaturalEnd) {
  Start(absl::StrCat("echo; ", kForever, "; exit 0"));
  const std::string directory = scratch_ + "/nested";
  ASSERT_EQ(mkdir(directory.c_str(), 0700), 0);
  const UniqueFd lock =
      OpenAt(AT_FDCWD, directory + "/daemon.pid", O_RDWR | O_CREAT, 0600)
          .value();
  const Pipe forever = OpenPipe().value();
  const pid_t nested = Spawn({"sh", "-c", "read x; :"}, [&] {
                         setenv("CSA_SESSION_DIR", directory.c_str(), 1);
                         if (!LockForWriting(lock.get()).ok()) return EBUSY;
                         // A record lock outlives execve(2), if the descriptor
                         // does.
                         static_cast<void>(fcntl(lock.get(), F_SETFD, 0));
                         return MoveTo(forever.reader.get(), STDIN_FILENO);
                       }).value();
  never_.writer.Reset();
  ASSERT_TRUE(LeaderDies());
  EXPECT_TRUE(Advance(start_));
  EXPECT_FALSE(ReadProcessStat(nested)->dead());
  EXPECT_EQ(Result().status, SessionStatus::kSuccess);
  EXPECT_THAT(Result().stray_names, IsEmpty());
}

}  // namespace
}  // namespace csa
