#include "common/session/session_processes.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "common/base/session_variables.h"
#include "common/session/session_directory.h"

namespace csa {

SessionProcesses::SessionProcesses(SessionId id, pid_t root,
                                   const Cgroup* cgroup)
    : id_(std::move(id)), cgroup_(cgroup), spared_({getpid()}) {
  for (const ProcessStat& ancestor : AncestorsOf(getpid())) {
    spared_.insert(ancestor.pid);
  }
  if (root == 0) return;
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(root);
  if (process.ok()) known_.emplace(root, process->start_ticks);
}

bool SessionProcesses::CgroupHoldsCaller() const {
  const std::vector<pid_t> processes = InCgroup();
  return std::any_of(processes.begin(), processes.end(),
                     [&](pid_t pid) { return spared_.contains(pid); });
}

std::vector<ProcessStat> SessionProcesses::Members() const {
  // Somebody who ends between the list and the look may have left a child that
  // is not in the list. That there are no members is certain only when nobody
  // has; where everybody forks all the time, so many looks have to do.
  constexpr int kMostLooks = 100;
  std::vector<ProcessStat> members;
  absl::flat_hash_set<pid_t> seen;
  bool missed = true;
  for (int look = 0; look < kMostLooks && missed && members.empty(); ++look) {
    missed = false;
    for (const pid_t pid : AllProcesses()) {
      if (!seen.insert(pid).second) continue;
      const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
      if (process.ok() && !process->dead() && Contains(pid)) {
        known_.emplace(pid, process->start_ticks);
        members.push_back(*process);
        continue;
      }
      const absl::StatusOr<ProcessStat> now = ReadProcessStat(pid);
      missed = missed || !now.ok() || now->dead();
    }
  }
  return members;
}

bool SessionProcesses::Contains(pid_t pid) const {
  if (spared_.contains(pid)) return false;
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
  if (!process.ok()) return false;
  const std::optional<bool> own = Carries(*process);
  if (own.has_value()) return *own;
  for (const ProcessStat& ancestor : AncestorsOf(pid)) {
    const std::optional<bool> inherited = Carries(ancestor);
    if (inherited.has_value()) return *inherited;
  }
  return false;
}

std::optional<bool> SessionProcesses::Carries(
    const ProcessStat& process) const {
  if (known_.contains({process.pid, process.start_ticks})) return true;
  // Looked at after /proc/PID/stat: so it is that very process.
  const std::vector<pid_t> processes = InCgroup();
  if (std::binary_search(processes.begin(), processes.end(), process.pid)) {
    return true;
  }
  const std::optional<std::string> id =
      VariableOf(process.pid, kSessionIdVariable);
  if (!id.has_value()) return std::nullopt;
  return *id == id_.text();
}

// In ascending order.
std::vector<pid_t> SessionProcesses::InCgroup() const {
  if (cgroup_ == nullptr) return {};
  std::vector<pid_t> processes =
      cgroup_->Processes().value_or(std::vector<pid_t>());
  std::sort(processes.begin(), processes.end());
  return processes;
}

}  // namespace csa
