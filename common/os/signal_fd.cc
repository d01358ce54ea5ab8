#include "common/os/signal_fd.h"

#include <csignal>

#include "common/os/errno_status.h"
#include "common/os/fault_point.h"

namespace csa {
namespace {

sigset_t SetOf(const std::vector<int>& signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void ResetSignalDispositions() {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  // Fails for SIGKILL, SIGSTOP and the two that glibc keeps for itself.
  for (int signal = 1; signal < NSIG; ++signal) {
    sigaction(signal, &standard, nullptr);
  }
}

void SetUpSignals() {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
}

void BlockAllSignals() {
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_SETMASK, &set, nullptr);
}

void BlockSignals(const std::vector<int>& signals) {
  const sigset_t set = SetOf(signals);
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

DeferredSignals::DeferredSignals() {
  const sigset_t set = SetOf({SIGINT, SIGTERM, SIGHUP, SIGQUIT});
  sigprocmask(SIG_BLOCK, &set, &before_);
}

DeferredSignals::~DeferredSignals() {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::vector<int> WithoutIgnored(const std::vector<int>& signals) {
  std::vector<int> heeded;
  for (const int signal : signals) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) heeded.push_back(signal);
  }
  return heeded;
}

void UnblockAllSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigprocmask(SIG_SETMASK, &set, nullptr);
}

absl::StatusOr<SignalFd> SignalFd::Open(const std::vector<int>& signals) {
  const sigset_t set = SetOf(signals);
  const int fd = InjectFault("signalfd")
                     ? -1
                     : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) return ErrnoStatus("open a signalfd");
  return SignalFd(UniqueFd(fd));
}

std::optional<signalfd_siginfo> SignalFd::Next() const {
  signalfd_siginfo info;
  const ssize_t got =
      RetryOnEintr([&] { return read(fd_.get(), &info, sizeof info); });
  if (got != static_cast<ssize_t>(sizeof info)) return std::nullopt;
  return info;
}

}  // namespace csa
