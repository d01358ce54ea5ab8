#include "common/session/session_processes.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "common/base/session_variables.h"
#include "common/session/session_directory.h"

namespace csa {

SessionProcesses::SessionProcesses(SessionId id, pid_t root,
                                   const Cgroup* cgroup)
    : id_(id), cgroup_(cgroup), spared_({getpid()}) {
  for (const ProcessStat& ancestor : AncestorsOf(getpid())) {
    spared_.insert(ancestor.pid);
  }
  if (root == 0) return;
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(root);
  if (process.ok()) known_.emplace(root, process->start_ticks);
}

std::vector<ProcessStat> SessionProcesses::Spared() const {
  const Pids in_cgroup = InCgroup();
  std::vector<ProcessStat> spared;
  for (const pid_t pid : spared_) {
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
    if (process.ok() && Belongs(*process, in_cgroup)) {
      spared.push_back(*process);
    }
  }
  return spared;
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
  std::vector<ProcessStat> alive;
  for (const pid_t pid : AllProcesses()) {
    if (strangers_.contains(pid) || spared_.contains(pid)) continue;
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
    if (process.ok() && !process->dead()) {
      alive.push_back(*process);
    } else if (pid == kUnseenProcess ||
               (!process.ok() && !absl::IsNotFound(process.status()))) {
      members.push_back({.pid = kUnseenProcess, .comm = "?"});
    } else {
      strangers_.insert(pid);
      missed = true;
    }
  }
  // After /proc/PID/stat: so it is those very processes.
  const Pids in_cgroup = InCgroup();
  for (const ProcessStat& process : alive) {
    if (Belongs(process, in_cgroup)) {
      known_.emplace(process.pid, process.start_ticks);
      members.push_back(process);
      continue;
    }
    strangers_.insert(process.pid);
    // Whoever is about to end has no environment any more.
    missed = missed || EnvironmentOf(process.pid).empty();
  }
  return missed;
}

bool SessionProcesses::Contains(pid_t pid) const {
  if (spared_.contains(pid)) return false;
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
  return process.ok() && Belongs(*process, InCgroup());
}

bool SessionProcesses::Belongs(const ProcessStat& process,
                               const Pids& in_cgroup) const {
  const std::optional<bool> own = Carries(process, in_cgroup);
  if (own.has_value()) return *own;
  for (const ProcessStat& ancestor : AncestorsOf(process.pid)) {
    const std::optional<bool> inherited = Carries(ancestor, in_cgroup);
    if (inherited.has_value()) return *inherited;
  }
  return false;
}

std::optional<bool> SessionProcesses::Carries(const ProcessStat& process,
                                              const Pids& in_cgroup) const {
  if (known_.contains({process.pid, process.start_ticks})) return true;
  if (in_cgroup.contains(process.pid)) return !IsLeftOut(process, in_cgroup);
  const std::optional<std::string> id =
      VariableOf(process.pid, kSessionIdVariable);
  if (!id.has_value()) return std::nullopt;
  return *id == id_.text();
}

bool SessionProcesses::IsLeftOut(const ProcessStat& process,
                                 const Pids& in_cgroup) const {
  if (!nested_.has_value()) return false;
  if (nested_->IsSupervisor(process)) return true;
  // An orphan of this session may be below the supervisor of the session that
  // this one is nested in.
  const std::vector<ProcessStat> ancestors = AncestorsOf(process.pid);
  return std::any_of(ancestors.begin(), ancestors.end(),
                     [&](const ProcessStat& ancestor) {
                       return in_cgroup.contains(ancestor.pid) &&
                              nested_->IsSupervisor(ancestor);
                     });
}

bool SessionProcesses::HasNestedInCgroup() const {
  const Pids in_cgroup = InCgroup();
  return std::any_of(in_cgroup.begin(), in_cgroup.end(), [&](pid_t pid) {
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
    return process.ok() && !process->dead() && IsLeftOut(*process, in_cgroup);
  });
}

SessionProcesses::Pids SessionProcesses::InCgroup() const {
  if (cgroup_ == nullptr) return {};
  const std::vector<pid_t> processes =
      cgroup_->ProcessesInTree().value_or(std::vector<pid_t>());
  return {processes.begin(), processes.end()};
}

}  // namespace csa
