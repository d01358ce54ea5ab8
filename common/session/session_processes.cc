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
  // That there are no members is certain only when a look has missed nobody.
  // Where everybody forks all the time, so many looks have to do.
  constexpr int kMostLooks = 100;
  std::vector<ProcessStat> members;
  // Quick, so that whoever forks and ends all the time is still there when it
  // is signalled.
  Look(members);
  if (!members.empty()) return members;
  strangers_.clear();
  for (int look = 0; look < kMostLooks && members.empty(); ++look) {
    if (!Look(members)) break;
  }
  return members;
}

bool SessionProcesses::Look(std::vector<ProcessStat>& members) const {
  bool missed = false;
  for (const pid_t pid : AllProcesses()) {
    if (strangers_.contains(pid)) continue;
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
    if (pid == kUnseenProcess ||
        (!process.ok() && !absl::IsNotFound(process.status()))) {
      members.push_back({.pid = kUnseenProcess, .comm = "?"});
      continue;
    }
    if (process.ok() && !process->dead() && Contains(pid)) {
      known_.emplace(pid, process->start_ticks);
      members.push_back(*process);
      continue;
    }
    strangers_.insert(pid);
    // Whoever is about to end has no environment any more.
    missed = missed || EnvironmentOf(pid).empty();
  }
  return missed;
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
