// The processes of a session that has no supervisor to descend from.

#ifndef CSA_COMMON_SESSION_SESSION_PROCESSES_H_
#define CSA_COMMON_SESSION_SESSION_PROCESSES_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/os/cgroup.h"
#include "common/os/file.h"
#include "common/os/proc.h"
#include "common/os/process_set.h"
#include "common/session/nested_sessions.h"
#include "common/session/session_id.h"

namespace csa {

// The processes in a session's cgroup, those whose environment carries its id
// as CSA_SESSION_ID, and those without such a variable whose nearest ancestor
// with one carries it. Who has been a member once remains one, also when that
// ancestor has died. The caller and its ancestors are not among them.
class SessionProcesses : public ProcessSet {
 public:
  // `root`, if it is not 0, belongs to the session whatever it carries.
  // `cgroup` is the session's, if it has one; it must outlive the object.
  explicit SessionProcesses(SessionId id, pid_t root = 0,
                            const Cgroup* cgroup = nullptr);

  // Leaves out the sessions that are nested in this one and could not leave its
  // cgroup: supervisors and all below them. `own_lock` is this one's
  // daemon.pid.
  void LeaveOutNested(FileIdentity own_lock) { nested_.emplace(own_lock); }

  // Whether there is such a session in the cgroup.
  bool HasNestedInCgroup() const;

  // Those among the caller and its ancestors that would be members.
  std::vector<ProcessStat> Spared() const;

  std::vector<ProcessStat> Members() const override;
  bool Contains(pid_t pid) const override;

 private:
  // Adds the members among the processes that are not known as strangers, and
  // notes the others. Returns whether it has missed somebody: who ends between
  // the list of all processes and the look at it may have left a child that is
  // not in the list.
  bool Look(std::vector<ProcessStat>& members) const;

  using Pids = absl::flat_hash_set<pid_t>;
  Pids InCgroup() const;

  // Whether the process, one in the cgroup, is a nested supervisor that is left
  // out, or below one. `in_cgroup` is InCgroup().
  bool IsLeftOut(const ProcessStat& process, const Pids& in_cgroup) const;

  // Whether the process belongs to the session. `in_cgroup` is InCgroup().
  bool Belongs(const ProcessStat& process, const Pids& in_cgroup) const;

  // Whether the process is known to belong, or says so itself; nothing when it
  // says nothing.
  std::optional<bool> Carries(const ProcessStat& process,
                              const Pids& in_cgroup) const;

  SessionId id_;
  const Cgroup* cgroup_;
  mutable std::optional<NestedSessions> nested_;
  Pids spared_;
  // Pid and start of each that has been a member.
  mutable absl::flat_hash_set<std::pair<pid_t, uint64_t>> known_;
  // Who has been looked at since strangers were last forgotten, and was none.
  mutable Pids strangers_;
};

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_PROCESSES_H_
