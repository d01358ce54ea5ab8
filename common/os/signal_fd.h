// Signals as something to read, not as something that interrupts.

#ifndef CSA_COMMON_OS_SIGNAL_FD_H_
#define CSA_COMMON_OS_SIGNAL_FD_H_

#include <sys/signalfd.h>

#include <csignal>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/os/unique_fd.h"

namespace csa {

// Gives every signal its default disposition, including those that were
// inherited as ignored.
void ResetSignalDispositions();

// What a tool needs, whatever it has inherited: SIGPIPE and SIGXFSZ are
// ignored, so that writing where nobody reads, or more than the limit, is an
// error and not a death, and SIGCHLD is not, so that children can be waited
// for.
void SetUpSignals();

// Blocks every signal that can be blocked, in this thread.
void BlockAllSignals();

// Blocks the signals named, in this thread, besides those blocked already.
void BlockSignals(const std::vector<int>& signals);

// Blocks the signals by which a user ends a program, for as long as it lives:
// around what must not be left half done.
class DeferredSignals {
 public:
  DeferredSignals();
  DeferredSignals(const DeferredSignals&) = delete;
  DeferredSignals& operator=(const DeferredSignals&) = delete;
  ~DeferredSignals();

 private:
  sigset_t before_;
};

// Those of `signals` that this process does not ignore: who starts a program
// under nohup(1), or in the background of a shell, wants it to ignore them.
std::vector<int> WithoutIgnored(const std::vector<int>& signals);

// Blocks no signal in this thread. Async-signal-safe.
void UnblockAllSignals();

// A signalfd(2) for signals that the caller has blocked.
class SignalFd {
 public:
  static absl::StatusOr<SignalFd> Open(const std::vector<int>& signals);

  // Readable (POLLIN) while a signal is pending.
  int fd() const { return fd_.get(); }

  // The next pending signal, with its sender, or nothing. Does not block.
  std::optional<signalfd_siginfo> Next() const;

 private:
  explicit SignalFd(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace csa

#endif  // CSA_COMMON_OS_SIGNAL_FD_H_
