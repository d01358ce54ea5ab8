#include "common/session/session_state.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/os/clock.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/session/session_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;
using Kind = SessionState::Kind;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

SessionResult ResultWith(SessionStatus status) {
  return {.id = kId,
          .status = status,
          .exit_code = status == SessionStatus::kSuccess ? 0 : 1};
}

class SessionStateTest : public testing::Test {
 protected:
  SessionStateTest() : scratch_(testing::TempDir() + "stateXXXXXX") {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    EXPECT_EQ(mkdir((scratch_ + "/" + kId).c_str(), 0700), 0);
    sessions_ = OpenAt(AT_FDCWD, scratch_, O_RDONLY | O_DIRECTORY).value();
  }
  ~SessionStateTest() override {
    for (const pid_t child : children_) End(child);
    std::filesystem::remove_all(scratch_);
  }

  SessionDirectory Open() {
    return SessionDirectory::Open(sessions_.get(),
                                  SessionId::Parse(kId).value(), kId, scratch_)
        .value();
  }

  // A session as csa-spawn leaves it.
  SessionDirectory Make() {
    SessionDirectory session = Open();
    EXPECT_TRUE(CreateFileAt(session.fd(), kSpecFile,
                             FormatSessionSpec({.id = kId, .argv = {"true"}}))
                    .ok());
    return session;
  }

  // A child that holds the lock on daemon.pid, then calls `work`, and then
  // waits to be ended.
  pid_t StartSupervisor(
      const SessionDirectory& session, absl::FunctionRef<void()> work = [] {}) {
    const Pipe ready = OpenPipe().value();
    const pid_t pid =
        ForkWorker([&] {
          const UniqueFd lock =
              OpenAt(session.fd(), kLockFile, O_RDWR | O_CREAT, 0600).value();
          if (!LockForWriting(lock.get()).ok()) return;
          static_cast<void>(WriteAll(ready.writer.get(), "x"));
          work();
          while (true) pause();
        }).value();
    children_.push_back(pid);
    EXPECT_TRUE(
        AwaitReadable(ready.reader.get(), MonotonicNow() + absl::Seconds(60))
            .value());
    return pid;
  }

  static void End(pid_t child) {
    kill(child, SIGKILL);
    static_cast<void>(Reap(child));
  }
  void EndSupervisor() {
    End(children_.back());
    children_.pop_back();
  }

  std::string scratch_;
  UniqueFd sessions_;
  std::vector<pid_t> children_;
};

TEST_F(SessionStateTest, AResultMakesItFinished) {
  const SessionDirectory session = Make();
  for (const bool locked : {false, true}) {
    if (locked) StartSupervisor(session);
    if (!locked) {
      ASSERT_TRUE(session.Publish(ResultWith(SessionStatus::kSuccess)).ok());
    }
    const absl::StatusOr<SessionState> state = ReadState(session);
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(state->kind, Kind::kFinished);
    EXPECT_EQ(state->result.status, SessionStatus::kSuccess);
  }
}

TEST_F(SessionStateTest, APublishedLossIsFinishedAsLost) {
  const SessionDirectory session = Make();
  ASSERT_TRUE(session.Publish(ResultWith(SessionStatus::kLost)).ok());
  const absl::StatusOr<SessionState> state = ReadState(session);
  EXPECT_EQ(state->kind, Kind::kFinished);
  EXPECT_EQ(state->result.status, SessionStatus::kLost);
}

// Its command could not be executed, or csa-gc removes it.
TEST_F(SessionStateTest, F34_WhatIsHiddenAgainIsNoLostSession) {
  const SessionDirectory session = Make();
  StartSupervisor(session);
  EndSupervisor();
  EXPECT_EQ(ReadState(session)->kind, Kind::kLost);
  ASSERT_TRUE(
      RenameNoReplace(sessions_.get(), kId, HiddenName(session.id())).ok());
  EXPECT_TRUE(absl::IsNotFound(ReadState(session).status()));
  ASSERT_EQ(unlinkat(session.fd(), kLockFile, 0), 0);
  EXPECT_TRUE(absl::IsNotFound(ReadState(session).status()));
  ASSERT_TRUE(RemoveTree(sessions_.get(), HiddenName(session.id())).ok());
  EXPECT_TRUE(absl::IsNotFound(ReadState(session).status()));
}

TEST_F(SessionStateTest, F12_ACorruptResultIsAnErrorWithItsPath) {
  const SessionDirectory session = Make();
  ASSERT_TRUE(CreateFileAt(session.fd(), kResultFile, "status = \"succ").ok());
  for (const bool locked : {false, true}) {
    if (locked) StartSupervisor(session);
    const absl::Status status = ReadState(session).status();
    EXPECT_TRUE(absl::IsDataLoss(status));
    EXPECT_THAT(status.message(), HasSubstr(session.PathOf(kResultFile)));
  }
}

TEST_F(SessionStateTest, F24_TheLockTellsTheSupervisorNotTheFile) {
  const SessionDirectory session = Make();
  ASSERT_TRUE(CreateFileAt(session.fd(), kLockFile, "1\n").ok());
  const pid_t supervisor = StartSupervisor(session);
  const absl::StatusOr<SessionState> state = ReadState(session);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->kind, Kind::kRunning);
  EXPECT_EQ(state->supervisor, supervisor);
}

TEST_F(SessionStateTest, F15_F38_WithoutLockAndResultItIsLost) {
  const SessionDirectory session = Make();
  EXPECT_EQ(ReadState(session)->kind, Kind::kLost) << "no daemon.pid";
  StartSupervisor(session);
  EXPECT_EQ(ReadState(session)->kind, Kind::kRunning);
  EndSupervisor();
  EXPECT_EQ(ReadState(session)->kind, Kind::kLost);
}

TEST_F(SessionStateTest, F15_TheLockGoesWithTheDeathNotWithTheReaping) {
  const SessionDirectory session = Make();
  const pid_t supervisor = StartSupervisor(session);
  const PidFd process = PidFd::Open(supervisor).value();
  kill(supervisor, SIGKILL);
  ASSERT_TRUE(process.AwaitDeath(MonotonicNow() + absl::Seconds(60)).value());
  // It is a zombie (F19).
  EXPECT_EQ(ReadState(session)->kind, Kind::kLost);
}

TEST_F(SessionStateTest, F34_AResultPublishedBetweenTheLooksIsSeen) {
  for (int round = 0; round < 30; ++round) {
    const SessionDirectory session = Make();
    const Pipe go = OpenPipe().value();
    StartSupervisor(session, [&] {
      static_cast<void>(AwaitReadable(go.reader.get(), absl::InfiniteFuture()));
      static_cast<void>(session.Publish(ResultWith(SessionStatus::kSuccess)));
      _exit(0);
    });
    ASSERT_TRUE(WriteAll(go.writer.get(), "x").ok());
    absl::StatusOr<SessionState> state = ReadState(session);
    while (state.ok() && state->kind == Kind::kRunning) {
      state = ReadState(session);
    }
    ASSERT_TRUE(state.ok()) << state.status();
    ASSERT_EQ(state->kind, Kind::kFinished) << "round " << round;
    EndSupervisor();
    for (const char* name : {kSpecFile, kResultFile, kLockFile}) {
      ASSERT_EQ(unlinkat(session.fd(), name, 0), 0);
    }
  }
}

TEST_F(SessionStateTest, ARemovedSessionIsNotFound) {
  const SessionDirectory session = Make();
  std::filesystem::remove_all(session.path());
  EXPECT_TRUE(absl::IsNotFound(ReadState(session).status()));
}

// Names, contents and times of change of all that is in the directory.
std::string Snapshot(const SessionDirectory& session) {
  std::string snapshot;
  for (const char* name : {".", kSpecFile, kLockFile, kResultFile}) {
    struct stat status = {};
    if (fstatat(session.fd(), name, &status, 0) != 0) continue;
    absl::StrAppend(&snapshot, name, " ", status.st_ino, " ", status.st_size,
                    " ", status.st_mtim.tv_sec, ".", status.st_mtim.tv_nsec,
                    " ", status.st_ctim.tv_sec, ".", status.st_ctim.tv_nsec,
                    "\n");
  }
  return snapshot;
}

TEST_F(SessionStateTest, F34_ReadersNeverWrite) {
  const SessionDirectory session = Make();
  const auto expect_unchanged = [&](Kind kind) {
    const std::string before = Snapshot(session);
    EXPECT_EQ(ReadState(session)->kind, kind);
    EXPECT_EQ(Snapshot(session), before);
  };
  expect_unchanged(Kind::kLost);
  StartSupervisor(session);
  expect_unchanged(Kind::kRunning);
  EndSupervisor();
  expect_unchanged(Kind::kLost);
  ASSERT_TRUE(session.Publish(ResultWith(SessionStatus::kSuccess)).ok());
  expect_unchanged(Kind::kFinished);
}

TEST_F(SessionStateTest, F34_ReadingWorksWhereWritingDoesNot) {
  const SessionDirectory session = Make();
  StartSupervisor(session);
  ASSERT_EQ(fchmodat(session.fd(), kLockFile, 0400, 0), 0);
  ASSERT_EQ(fchmod(session.fd(), 0500), 0);
  EXPECT_EQ(ReadState(session)->kind, Kind::kRunning);
  ASSERT_EQ(fchmod(session.fd(), 0700), 0);
}

TEST_F(SessionStateTest, F16_OtherReadersAreNotTakenForTheSupervisor) {
  const SessionDirectory session = Make();
  ASSERT_TRUE(CreateFileAt(session.fd(), kLockFile, "").ok());
  // A waiter that has got the read lock.
  const Pipe ready = OpenPipe().value();
  const pid_t waiter = ForkWorker([&] {
                         const UniqueFd lock =
                             OpenAt(session.fd(), kLockFile, O_RDONLY).value();
                         static_cast<void>(AwaitUnlocked(lock.get()));
                         static_cast<void>(WriteAll(ready.writer.get(), "x"));
                         while (true) pause();
                       }).value();
  children_.push_back(waiter);
  ASSERT_TRUE(
      AwaitReadable(ready.reader.get(), MonotonicNow() + absl::Seconds(60))
          .value());
  EXPECT_EQ(ReadState(session)->kind, Kind::kLost);
}

// Calls `work` in a pid namespace of its own; its value is the exit status.
// -1 where there can be none.
int InAnotherPidNamespace(absl::FunctionRef<int()> work) {
  constexpr int kNoNamespace = 99;
  const pid_t outer = fork();
  if (outer == 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) _exit(kNoNamespace);
    const pid_t inner = fork();
    if (inner < 0) _exit(kNoNamespace);
    if (inner == 0) _exit(work());
    _exit(WEXITSTATUS(Reap(inner).value()));
  }
  const int status = WEXITSTATUS(Reap(outer).value());
  return status == kNoNamespace ? -1 : status;
}

TEST_F(SessionStateTest, F18_ASupervisorInAnotherPidNamespaceIsRunning) {
  const SessionDirectory session = Make();
  StartSupervisor(session);
  const int result = InAnotherPidNamespace([&] {
    const absl::StatusOr<SessionState> state = ReadState(session);
    if (!state.ok() || state->kind != Kind::kRunning) return 1;
    return state->supervisor <= 0 ? 0 : 2;
  });
  if (result < 0) GTEST_SKIP() << "no user namespaces here";
  EXPECT_EQ(result, 0);
}

TEST(SessionStateName, IsAWord) {
  EXPECT_EQ(SessionStateName(Kind::kFinished), "finished");
  EXPECT_EQ(SessionStateName(Kind::kRunning), "running");
  EXPECT_EQ(SessionStateName(Kind::kLost), "lost");
}

}  // namespace
}  // namespace csa
