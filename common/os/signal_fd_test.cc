#include "common/os/signal_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "absl/functional/function_ref.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;

// Runs `body` in a child, whose failed expectations fail the test: masks and
// dispositions are the process's.
void InChild(absl::FunctionRef<void()> body) {
  const absl::StatusOr<pid_t> child = ForkWorker([&] {
    body();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  });
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(Reap(*child).value(), 0);
}

bool IsBlocked(int signal) {
  sigset_t set;
  sigprocmask(SIG_BLOCK, nullptr, &set);
  return sigismember(&set, signal) == 1;
}

bool IsIgnored(int number) {
  struct sigaction action = {};
  sigaction(number, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

bool IsDefault(int number) {
  struct sigaction action = {};
  sigaction(number, nullptr, &action);
  return action.sa_handler == SIG_DFL;
}

TEST(SignalFd, TellsTheSignalAndItsSender) {
  InChild([] {
    BlockAllSignals();
    const absl::StatusOr<SignalFd> signals = SignalFd::Open({SIGTERM});
    ASSERT_TRUE(signals.ok()) << signals.status();
    EXPECT_FALSE(signals->Next().has_value());
    kill(getpid(), SIGTERM);
    EXPECT_TRUE(AwaitReadable(signals->fd(), absl::InfinitePast()).value());
    const std::optional<signalfd_siginfo> info = signals->Next();
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->ssi_signo, SIGTERM);
    EXPECT_EQ(info->ssi_pid, getpid());
    EXPECT_FALSE(signals->Next().has_value());
  });
}

TEST(SignalFd, TellsOnlyOfTheSignalsItWasOpenedFor) {
  InChild([] {
    BlockAllSignals();
    const SignalFd signals = SignalFd::Open({SIGTERM}).value();
    kill(getpid(), SIGUSR1);
    EXPECT_FALSE(signals.Next().has_value());
  });
}

TEST(SignalFd, IsClosedOnExec) {
  const SignalFd signals = SignalFd::Open({SIGUSR1}).value();
  EXPECT_EQ(fcntl(signals.fd(), F_GETFD), FD_CLOEXEC);
}

TEST(ResetSignalDispositions, F11_UndoesAnInheritedIgnoredSignal) {
  InChild([] {
    signal(SIGCHLD, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGRTMAX, SIG_IGN);
    ResetSignalDispositions();
    EXPECT_TRUE(IsDefault(SIGCHLD));
    EXPECT_TRUE(IsDefault(SIGHUP));
    EXPECT_TRUE(IsDefault(SIGRTMAX));
  });
}

TEST(SetUpSignals, MakesABrokenPipeAnError) {
  InChild([] {
    SetUpSignals();
    EXPECT_TRUE(IsIgnored(SIGPIPE));
    Pipe pipe = OpenPipe().value();
    pipe.reader.Reset();
    EXPECT_EQ(write(pipe.writer.get(), "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
  });
}

TEST(SetUpSignals, F11_UndoesIgnoredChildren) {
  InChild([] {
    signal(SIGCHLD, SIG_IGN);
    SetUpSignals();
    const pid_t child = ForkWorker([] {}).value();
    EXPECT_EQ(Reap(child).value_or(-1), 0);
  });
}

TEST(BlockSignals, AddsToThoseBlocked) {
  InChild([] {
    UnblockAllSignals();
    BlockSignals({SIGUSR1});
    BlockSignals({SIGUSR2});
    EXPECT_TRUE(IsBlocked(SIGUSR1));
    EXPECT_TRUE(IsBlocked(SIGUSR2));
    EXPECT_FALSE(IsBlocked(SIGTERM));
  });
}

TEST(BlockAllSignals, BlocksAndUnblocks) {
  InChild([] {
    BlockAllSignals();
    EXPECT_TRUE(IsBlocked(SIGTERM));
    EXPECT_TRUE(IsBlocked(SIGCHLD));
    EXPECT_FALSE(IsBlocked(SIGKILL)) << "which cannot be";
    UnblockAllSignals();
    EXPECT_FALSE(IsBlocked(SIGTERM));
    EXPECT_FALSE(IsBlocked(SIGCHLD));
  });
}

TEST(WithoutIgnored, LeavesOutWhatTheProcessIgnores) {
  InChild([] {
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    EXPECT_THAT(WithoutIgnored({SIGINT, SIGHUP, SIGTERM}),
                ElementsAre(SIGINT, SIGTERM));
  });
}

}  // namespace
}  // namespace csa
