#include "common/session/session_processes.h"

#include <unistd.h>

#include <string>

#include "common/base/session_variables.h"
#include "common/session/session_directory.h"

namespace csa {

SessionProcesses::SessionProcesses(SessionId id, pid_t root)
    : id_(std::move(id)), spared_({getpid()}) {
  for (const ProcessStat& ancestor : AncestorsOf(getpid())) {
    spared_.insert(ancestor.pid);
  }
  if (root == 0) return;
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(root);
  if (process.ok()) known_.emplace(root, process->start_ticks);
}

std::vector<ProcessStat> SessionProcesses::Members() const {
  std::vector<ProcessStat> members;
  for (const pid_t pid : AllProcesses()) {
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
    if (!process.ok() || process->dead() || !Contains(pid)) continue;
    known_.emplace(pid, process->start_ticks);
    members.push_back(*process);
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
  const std::optional<std::string> id =
      VariableOf(process.pid, kSessionIdVariable);
  if (!id.has_value()) return std::nullopt;
  return *id == id_.text();
}

}  // namespace csa
