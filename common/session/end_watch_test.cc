#include "common/session/end_watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/poll.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using Kind = SessionState::Kind;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

absl::Time Soon() { return MonotonicNow() + absl::Seconds(60); }

class EndWatchTest : public testing::Test {
 protected:
  EndWatchTest()
      : state_(testing::TempDir() + "watchXXXXXX"), session_(Make()) {}
  ~EndWatchTest() override {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      static_cast<void>(Reap(child));
    }
    std::filesystem::remove_all(state_);
  }

  SessionDirectory Make() {
    EXPECT_NE(mkdtemp(state_.data()), nullptr);
    setenv("CSA_STATE_DIR", state_.c_str(), 1);
    scratch_ = state_ + "/sessions";
    EXPECT_EQ(mkdir(scratch_.c_str(), 0700), 0);
    EXPECT_EQ(mkdir((scratch_ + "/" + kId).c_str(), 0700), 0);
    SessionDirectory session = Open();
    EXPECT_TRUE(CreateFileAt(session.fd(), kSpecFile,
                             FormatSessionSpec({.id = kId, .argv = {"true"}}))
                    .ok());
    return session;
  }

  SessionDirectory Open() const {
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, scratch_, O_RDONLY | O_DIRECTORY).value();
    return SessionDirectory::Open(sessions.get(), SessionId::Parse(kId).value(),
                                  kId, scratch_)
        .value();
  }

  // A child that holds the lock on daemon.pid, then calls `work`.
  pid_t StartSupervisor(absl::FunctionRef<void()> work = [] { pause(); }) {
    const Pipe ready = OpenPipe().value();
    const pid_t pid =
        ForkWorker([&] {
          const UniqueFd lock =
              OpenAt(session_.fd(), kLockFile, O_RDWR | O_CREAT, 0600).value();
          if (!LockForWriting(lock.get()).ok()) return;
          static_cast<void>(WriteAll(ready.writer.get(), "x"));
          work();
        }).value();
    children_.push_back(pid);
    EXPECT_TRUE(AwaitReadable(ready.reader.get(), Soon()).value());
    return pid;
  }

  void EndSupervisor() {
    kill(children_.back(), SIGKILL);
    EXPECT_TRUE(Reap(children_.back()).ok());
    children_.pop_back();
  }

  std::string state_;
  std::string scratch_;  // the sessions
  const SessionDirectory session_;
  std::vector<pid_t> children_;
};

TEST_F(EndWatchTest, HoldsTheSupervisor) {
  const pid_t supervisor = StartSupervisor();
  const auto process = HoldSupervisor(session_, supervisor);
  ASSERT_TRUE(process.ok()) << process.status();
  ASSERT_TRUE(process->has_value());
  EXPECT_FALSE((*process)->AwaitDeath(MonotonicNow()).value());
  EndSupervisor();
  EXPECT_TRUE((*process)->AwaitDeath(Soon()).value());
}

TEST_F(EndWatchTest, F24_HoldsNobodyElse) {
  // It has ended, and its pid may mean another process by now.
  const pid_t supervisor = StartSupervisor();
  EndSupervisor();
  EXPECT_EQ(HoldSupervisor(session_, supervisor)->has_value(), false);
  EXPECT_EQ(HoldSupervisor(session_, getppid())->has_value(), false);
  // Another one holds the lock.
  StartSupervisor();
  EXPECT_EQ(HoldSupervisor(session_, getppid())->has_value(), false);
}

TEST_F(EndWatchTest, F17_IsReadableWhenTheSupervisorDies) {
  const pid_t supervisor = StartSupervisor();
  const auto watch = EndWatch::Open(session_, supervisor);
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_FALSE(AwaitReadable((*watch)->fd(), MonotonicNow()).value());
  // No worker is needed for a supervisor that can be seen.
  EXPECT_THAT(ChildrenOf(getpid()), ElementsAre(supervisor));
  EndSupervisor();
  EXPECT_TRUE(AwaitReadable((*watch)->fd(), Soon()).value());
}

TEST_F(EndWatchTest, F18_IsReadableWhenASupervisorOutOfSightDies) {
  StartSupervisor();
  const auto watch = EndWatch::Open(session_, 0);
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_FALSE(AwaitReadable((*watch)->fd(), MonotonicNow()).value());
  EXPECT_EQ(ChildrenOf(getpid()).size(), 2U);
  EndSupervisor();
  EXPECT_TRUE(AwaitReadable((*watch)->fd(), Soon()).value());
}

TEST_F(EndWatchTest, F16_LeavesNoTraceOfItsWorker) {
  const pid_t supervisor = StartSupervisor();
  for (const bool ended : {false, true}) {
    {
      auto watch = EndWatch::Open(session_, -1);
      ASSERT_TRUE(watch.ok()) << watch.status();
      const EndWatch moved = **std::move(watch);
      if (ended) {
        EndSupervisor();
        EXPECT_TRUE(AwaitReadable(moved.fd(), Soon()).value());
      }
      EXPECT_EQ(ChildrenOf(getpid()).size(), ended ? 1U : 2U);
    }
    EXPECT_EQ(ChildrenOf(getpid()).size(), ended ? 0U : 1U);
  }
  EXPECT_TRUE(absl::IsNotFound(ReapAny().status()));
  EXPECT_EQ(HoldSupervisor(session_, supervisor)->has_value(), false);
}

// A wait that fails must not be tried again and again.
TEST_F(EndWatchTest, F17_AWorkerThatCouldNotWaitIsAnError) {
  const pid_t supervisor = StartSupervisor();
  const auto watch = EndWatch::Open(session_, 0);
  ASSERT_TRUE(watch.ok()) << watch.status();
  for (const pid_t child : ChildrenOf(getpid())) {
    if (child != supervisor) kill(child, SIGKILL);
  }
  EXPECT_TRUE(AwaitReadable((*watch)->fd(), Soon()).value());
  EXPECT_TRUE(absl::IsUnavailable((*watch)->CheckEnded(session_)));
  EndSupervisor();
  EXPECT_TRUE((*watch)->CheckEnded(session_).ok());
}

TEST_F(EndWatchTest, F16_AnyNumberOfWatchesAtOnce) {
  const pid_t supervisor = StartSupervisor();
  std::vector<EndWatch> watches;
  for (int i = 0; i < 10; ++i) {
    for (const pid_t pid : {supervisor, 0}) {
      watches.push_back(**EndWatch::Open(session_, pid));
    }
  }
  EndSupervisor();
  for (const EndWatch& watch : watches) {
    EXPECT_TRUE(AwaitReadable(watch.fd(), Soon()).value());
  }
}

TEST_F(EndWatchTest, NothingIsWatchedOfAnEndedSupervisor) {
  const pid_t supervisor = StartSupervisor();
  EndSupervisor();
  EXPECT_EQ(EndWatch::Open(session_, supervisor)->has_value(), false);
}

TEST_F(EndWatchTest, AwaitEndReturnsAtTheDeadline) {
  const pid_t supervisor = StartSupervisor();
  const absl::Time deadline = MonotonicNow() + absl::Milliseconds(20);
  const absl::StatusOr<SessionState> state = AwaitEnd(session_, deadline);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->kind, Kind::kRunning);
  EXPECT_EQ(state->supervisor, supervisor);
  EXPECT_GE(MonotonicNow(), deadline);
}

TEST_F(EndWatchTest, F13_AwaitEndReturnsTheResult) {
  const Pipe go = OpenPipe().value();
  StartSupervisor([&] {
    static_cast<void>(AwaitReadable(go.reader.get(), absl::InfiniteFuture()));
    static_cast<void>(session_.Publish(
        {.id = kId, .status = SessionStatus::kSuccess, .exit_code = 0}));
  });
  ASSERT_TRUE(WriteAll(go.writer.get(), "x").ok());
  const absl::StatusOr<SessionState> state = AwaitEnd(session_, Soon());
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->kind, Kind::kFinished);
  EXPECT_EQ(state->result.status, SessionStatus::kSuccess);
}

TEST_F(EndWatchTest, F15_AwaitEndTellsOfALoss) {
  const Pipe go = OpenPipe().value();
  StartSupervisor([&] {
    static_cast<void>(AwaitReadable(go.reader.get(), absl::InfiniteFuture()));
    raise(SIGKILL);
  });
  ASSERT_TRUE(WriteAll(go.writer.get(), "x").ok());
  EXPECT_EQ(AwaitEnd(session_, Soon())->kind, Kind::kLost);
}

TEST_F(EndWatchTest, AwaitEndsTellsOfEachOnceAndKeepsToTheDeadline) {
  // Three times the same.
  const std::vector<SessionId> sessions(3, session_.id());
  const SessionStore store = SessionStore::Open().value();
  std::vector<size_t> told;
  const auto tell = [&](size_t i, const absl::StatusOr<SessionState>& state) {
    EXPECT_EQ(state->kind, Kind::kLost);
    told.push_back(i);
    return true;
  };
  StartSupervisor();
  EXPECT_TRUE(AwaitEnds(store, sessions, MonotonicNow(), tell).ok());
  EXPECT_THAT(told, ElementsAre());
  kill(children_.back(), SIGKILL);
  EXPECT_TRUE(AwaitEnds(store, sessions, Soon(), tell).ok());
  EXPECT_THAT(told, ElementsAre(0, 1, 2));
  EXPECT_TRUE(AwaitEnds(store, {}, Soon(), tell).ok());
}

TEST_F(EndWatchTest, AwaitEndsStopsWhereItsObserverHasEnough) {
  const std::vector<SessionId> sessions(3, session_.id());
  const SessionStore store = SessionStore::Open().value();
  int told = 0;
  EXPECT_TRUE(AwaitEnds(store, sessions, Soon(),
                        [&](size_t, const absl::StatusOr<SessionState>&) {
                          return ++told < 2;
                        })
                  .ok());
  EXPECT_EQ(told, 2);
}

TEST_F(EndWatchTest, F12_AwaitEndFailsWhereTheResultIsCorrupt) {
  ASSERT_TRUE(CreateFileAt(session_.fd(), kResultFile, "").ok());
  EXPECT_TRUE(absl::IsDataLoss(AwaitEnd(session_, Soon()).status()));
}

}  // namespace
}  // namespace csa
