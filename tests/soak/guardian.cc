#include "tests/soak/guardian.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/os/clock.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/os/process_set.h"
#include "common/os/signal_fd.h"

namespace csa {
namespace {

const std::vector<int>& EndingSignals() {
  static const std::vector<int> signals = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
  return signals;
}

int ExitStatusOf(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status)
                                : 128 + WTERMSIG(wait_status);
}

// Reaps children until `deadline`, or none is left, or `child` has ended, or
// somebody asks for the end. Returns the exit status if there is one.
std::optional<int> Attend(const SignalFd& signals, pid_t child,
                          absl::Time deadline) {
  do {
    while (const std::optional<signalfd_siginfo> signal = signals.Next()) {
      if (signal->ssi_signo == SIGCHLD || child == 0) continue;
      return 128 + static_cast<int>(signal->ssi_signo);
    }
    while (true) {
      const absl::StatusOr<std::optional<EndedChild>> ended = ReapAny();
      if (!ended.ok()) return 0;
      if (!ended->has_value()) break;
      if ((*ended)->pid == child) return ExitStatusOf((*ended)->wait_status);
    }
  } while (AwaitReadable(signals.fd(), deadline).value_or(false));
  return std::nullopt;
}

// Kills what is left. Returns whether there was anything.
bool EndAll(const SignalFd& signals) {
  const Descendants all(getpid());
  SignalOnce kill({SIGKILL});
  bool any = false;
  while (true) {
    for (const ProcessStat& process : all.Members()) {
      if (!kill.Send(all, process)) continue;
      std::fprintf(stderr, "left over: %d %s\n", process.pid,
                   process.comm.c_str());
      any = true;
    }
    // A child that has not been seen yet is found by the next look.
    if (Attend(signals, 0, MonotonicNow() + absl::Milliseconds(100))) break;
  }
  return any;
}

}  // namespace

int GuardedRun(absl::FunctionRef<int()> work) {
  BlockSignals(EndingSignals());
  const absl::StatusOr<SignalFd> signals = SignalFd::Open(EndingSignals());
  if (!signals.ok() || !BecomeSubreaper().ok()) return EXIT_FAILURE;
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return EXIT_FAILURE;
  if (child == 0) {
    UnblockAllSignals();
    std::exit(DieWithParent(parent) == 0 ? work() : EXIT_FAILURE);
  }
  int status =
      Attend(*signals, child, absl::InfiniteFuture()).value_or(EXIT_FAILURE);
  if (status < 128) {
    // A supervisor that has published may be about to end.
    Attend(*signals, 0, MonotonicNow() + absl::Seconds(10));
  }
  const bool left_over = EndAll(*signals);
  if (left_over && status == 0) status = EXIT_FAILURE;
  return status;
}

}  // namespace csa
