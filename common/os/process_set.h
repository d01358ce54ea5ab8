// Sets of processes that are given by a rule, and signalled by that rule.
//
// A list of pids is out of date when it has been read. So a set is read again
// for each round of signals, and whether a process belongs to it is looked at
// once more when a pidfd already holds it fast.

#ifndef CSA_COMMON_OS_PROCESS_SET_H_
#define CSA_COMMON_OS_PROCESS_SET_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/os/proc.h"

namespace csa {

// A rule by which processes belong together.
class ProcessSet {
 public:
  virtual ~ProcessSet() = default;

  // The members that are alive now; one with the id kUnseenProcess where there
  // may be more.
  virtual std::vector<ProcessStat> Members() const = 0;

  // Whether the process that has the id `pid` now is a member.
  virtual bool Contains(pid_t pid) const = 0;
};

// Whether the processes of a set can be found and signalled: FailedPrecondition
// without /proc, Unimplemented where the kernel has no pidfds.
absl::Status CheckCanEndProcesses();

// All that descend from `root`, without `root` itself. Members come after their
// parents. That there are none is certain if orphans fall to `root`
// (BecomeSubreaper), and it lives and reaps no child meanwhile.
class Descendants : public ProcessSet {
 public:
  // True for a process that is left out with all that descends from it.
  using Exclude = std::function<bool(const ProcessStat&)>;

  explicit Descendants(
      pid_t root, Exclude exclude = [](const ProcessStat&) { return false; })
      : root_(root), exclude_(std::move(exclude)) {}

  std::vector<ProcessStat> Members() const override;
  bool Contains(pid_t pid) const override;

 private:
  // Who is alive among the processes given and all that descend from them, but
  // for the `dead`, to which it adds those that it finds. The root reaps none
  // meanwhile, so that their ids mean nobody else.
  std::vector<ProcessStat> WalkFrom(std::vector<pid_t> unseen,
                                    absl::flat_hash_set<pid_t>& dead) const;

  pid_t root_;
  Exclude exclude_;
};

// The chain of parents of `pid`, nearest first, up to the first process of this
// pid namespace. Each has started no later than its child, so that an id given
// to another process while the chain is read does not lead astray; the chain
// ends where that fails.
std::vector<ProcessStat> AncestorsOf(pid_t pid);

// Sends signals to members of sets, to each process once.
class SignalOnce {
 public:
  explicit SignalOnce(std::vector<int> signals)
      : signals_(std::move(signals)) {}

  // Sends the signals, in their order, to `process`, if it is still a member of
  // `set` and has not had them from here. Returns whether they were sent, the
  // last ones perhaps to one that the first had ended. A process that may not
  // be signalled is tried again at the next call.
  bool Send(const ProcessSet& set, const ProcessStat& process);

  // Notes that `process` has had them in another way.
  void MarkSent(const ProcessStat& process);

  // Whether they have been sent to `process`.
  bool HasSent(const ProcessStat& process) const;

 private:
  std::vector<int> signals_;
  absl::flat_hash_set<std::pair<pid_t, uint64_t>> done_;
};

// How long to wait before the next look when nothing announces a change:
// doubles from a millisecond to a second, and starts again at a change.
class Backoff {
 public:
  absl::Duration Next();
  void Reset() { next_ = kFirst; }

 private:
  static constexpr absl::Duration kFirst = absl::Milliseconds(1);
  absl::Duration next_ = kFirst;
};

// Ends a set of processes that are not the caller's children: SIGTERM and
// SIGCONT to each, SIGKILL to what is left after `grace` (at once when that is
// zero), round after round until nothing is. Blocks until then or `deadline`
// (MonotonicNow()). Returns who is alive still. Adds to `ended` each process
// that was sent a signal, once.
std::vector<ProcessStat> EndProcesses(const ProcessSet& set,
                                      absl::Duration grace, absl::Time deadline,
                                      std::vector<ProcessStat>& ended);

}  // namespace csa

#endif  // CSA_COMMON_OS_PROCESS_SET_H_
