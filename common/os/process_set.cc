#include "common/os/process_set.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/os/clock.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"

namespace csa {
namespace {

// Blocks until one of `processes` dies or `deadline` has come. So many are
// watched as fit into a few descriptors: any death is a reason to look again.
void AwaitAnyDeath(const std::vector<ProcessStat>& processes,
                   absl::Time deadline) {
  constexpr size_t kWatched = 16;
  std::vector<PidFd> fds;
  std::vector<pollfd> polled;
  for (const ProcessStat& process : processes) {
    if (fds.size() == kWatched) break;
    absl::StatusOr<PidFd> fd = PidFd::Open(process.pid);
    if (!fd.ok()) continue;
    polled.push_back({.fd = fd->fd(), .events = POLLIN, .revents = 0});
    fds.push_back(*std::move(fd));
  }
  static_cast<void>(PollUntil(absl::MakeSpan(polled), deadline));
}

// Whether a process that /proc does not show (mount option hidepid, no
// descriptor left) is alive. In doubt it is.
bool IsAlive(pid_t pid) {
  const absl::StatusOr<PidFd> process = PidFd::Open(pid);
  if (!process.ok()) return !absl::IsNotFound(process.status());
  const absl::StatusOr<bool> dead = process->AwaitDeath(absl::InfinitePast());
  return !dead.ok() || !*dead;
}

}  // namespace

absl::Status CheckCanEndProcesses() {
  CSA_RETURN_IF_ERROR(CheckProcMounted());
  return PidFd::Open(getpid()).status();
}

std::vector<ProcessStat> Descendants::Members() const {
  // Below a root that reaps nothing, what forks and ends all the time leaves
  // ever more dead, and may be missed each time.
  constexpr int kMostLooks = 100;
  absl::flat_hash_set<pid_t> dead;
  std::vector<pid_t> children = ChildrenOf(root_);
  for (int look = 0; look < kMostLooks; ++look) {
    std::vector<ProcessStat> alive = WalkFrom(children, dead);
    if (!alive.empty()) return alive;
    // A child that died during the walk has left its own children to the root.
    // If it has got none since it was listed, every process that was listed had
    // died by then, and the dead have no children.
    std::vector<pid_t> now = ChildrenOf(root_);
    if (now == children) return alive;
    children = std::move(now);
  }
  return {{.pid = kUnseenProcess, .comm = "?"}};
}

std::vector<ProcessStat> Descendants::WalkFrom(
    std::vector<pid_t> unseen, absl::flat_hash_set<pid_t>& dead) const {
  std::vector<ProcessStat> alive;
  // `unseen` grows while it is walked. A process that is given another parent
  // meanwhile may come twice, which does no harm.
  for (size_t i = 0; i < unseen.size(); ++i) {
    if (dead.contains(unseen[i])) continue;
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(unseen[i]);
    if (!process.ok() && IsAlive(unseen[i])) {
      alive.push_back({.pid = unseen[i], .comm = "?"});
    }
    if (!process.ok() || exclude_(*process)) continue;
    if (process->dead()) {
      dead.insert(process->pid);
      continue;
    }
    alive.push_back(*process);
    // Of a process whose first thread has ended, others may live on.
    for (const pid_t child : ChildrenOf(process->pid)) unseen.push_back(child);
  }
  return alive;
}

bool Descendants::Contains(pid_t pid) const {
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
  if (!process.ok() || exclude_(*process)) return false;
  for (const ProcessStat& ancestor : AncestorsOf(pid)) {
    if (ancestor.pid == root_) return true;
    if (exclude_(ancestor)) return false;
  }
  return false;
}

std::vector<ProcessStat> AncestorsOf(pid_t pid) {
  std::vector<ProcessStat> ancestors;
  absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
  while (process.ok() && process->parent > 0) {
    absl::StatusOr<ProcessStat> parent = ReadProcessStat(process->parent);
    if (!parent.ok() || parent->start_ticks > process->start_ticks) break;
    ancestors.push_back(*parent);
    process = std::move(parent);
  }
  return ancestors;
}

bool SignalOnce::Send(const ProcessSet& set, const ProcessStat& process) {
  if (HasSent(process)) return false;
  const absl::StatusOr<PidFd> fd = PidFd::Open(process.pid);
  if (!fd.ok() || !set.Contains(process.pid)) return false;
  bool sent = false;
  for (const int signal : signals_) {
    const absl::Status status = fd->Signal(signal);
    if (!status.ok() && !(sent && absl::IsNotFound(status))) return false;
    sent = true;
  }
  MarkSent(process);
  return true;
}

void SignalOnce::MarkSent(const ProcessStat& process) {
  done_.emplace(process.pid, process.start_ticks);
}

bool SignalOnce::HasSent(const ProcessStat& process) const {
  return done_.contains({process.pid, process.start_ticks});
}

absl::Duration Backoff::Next() {
  const absl::Duration now = next_;
  next_ = std::min(next_ * 2, absl::Seconds(1));
  return now;
}

std::vector<ProcessStat> EndProcesses(const ProcessSet& set,
                                      absl::Duration grace, absl::Time deadline,
                                      std::vector<ProcessStat>& ended) {
  const absl::Time kill_time = MonotonicNow() + grace;
  SignalOnce terminate({SIGTERM, SIGCONT});
  SignalOnce kill({SIGKILL});
  Backoff backoff;
  bool none_before = false;
  while (true) {
    std::vector<ProcessStat> alive = set.Members();
    const absl::Time now = MonotonicNow();
    // A set that is read from all of /proc may miss who forks and ends just
    // then: none is believed the second time.
    if (alive.empty() ? none_before : now >= deadline) return alive;
    none_before = alive.empty();
    if (none_before) continue;
    const bool killing = now >= kill_time;
    for (auto process = alive.rbegin(); process != alive.rend(); ++process) {
      if (!(killing ? kill : terminate).Send(set, *process)) continue;
      backoff.Reset();
      if (!killing || !terminate.HasSent(*process)) ended.push_back(*process);
    }
    absl::Time next = std::min(now + backoff.Next(), deadline);
    if (!killing) next = std::min(next, kill_time);
    AwaitAnyDeath(alive, next);
  }
}

}  // namespace csa
