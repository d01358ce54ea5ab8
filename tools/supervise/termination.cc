#include "tools/supervise/termination.h"

#include <unistd.h>

#include <algorithm>

#include "common/os/process.h"
#include "common/session/ending.h"

namespace csa {

std::vector<ProcessStat> OwnDescendants(NestedSessions& nested) {
  return Descendants(getpid(),
                     [&](const ProcessStat& process) {
                       return nested.IsSupervisor(process);
                     })
      .Members();
}

Termination::Termination(NestedSessions& nested, Nested fate, pid_t leader,
                         const Cgroup* cgroup, absl::Time now)
    : nested_(nested),
      fate_(fate),
      leader_(leader),
      cgroup_(cgroup),
      kill_time_(now + kGracePeriod),
      kill_nested_time_(now + kGracePeriod + kNestedAllowance),
      next_round_(now) {}

bool Termination::Round(absl::Time now) {
  const bool killing = now >= kill_time_;
  const bool sparing = fate_ == Nested::kSpared || now < kill_nested_time_;
  std::vector<ProcessStat> supervisors;
  const Descendants set(getpid(), [&](const ProcessStat& process) {
    if (!sparing || !nested_.IsSupervisor(process)) return false;
    supervisors.push_back(process);
    return true;
  });
  const std::vector<ProcessStat> members = set.Members();
  SignalLeadersGroup(members);
  bool over = members.empty();
  bool changed = false;
  if (fate_ == Nested::kEnded) {
    over = over && supervisors.empty();
    changed = SignalNested(supervisors);
  }
  // Children before their parents: a nested session's processes before it.
  std::for_each(members.rbegin(), members.rend(),
                [&](const ProcessStat& member) {
                  changed = SignalMember(set, member, killing) || changed;
                });
  // A supervisor that could not leave the cgroup must not die with it.
  if (killing && supervisors.empty()) KillCgroup(members);
  if (changed) backoff_.Reset();
  next_round_ = now + backoff_.Next();
  for (const absl::Time due : {kill_time_, kill_nested_time_}) {
    if (due > now) next_round_ = std::min(next_round_, due);
  }
  return over;
}

void Termination::EndNested(absl::Time now) {
  if (fate_ == Nested::kEnded) return;
  fate_ = Nested::kEnded;
  kill_nested_time_ = now + kGracePeriod + kNestedAllowance;
}

void Termination::SignalLeadersGroup(const std::vector<ProcessStat>& members) {
  if (leader_ == 0 || group_signalled_) return;
  SignalGroup(leader_, SIGTERM);
  SignalGroup(leader_, SIGCONT);
  group_signalled_ = true;
  // Who was in it before and is in it now has had the signals. Whoever it forks
  // when it gets them has not.
  for (const ProcessStat& member : members) {
    const absl::StatusOr<ProcessStat> now = ReadProcessStat(member.pid);
    if (member.group == leader_ && now.ok() && now->group == leader_) {
      terminate_.MarkSent(member);
    }
  }
}

bool Termination::SignalNested(const std::vector<ProcessStat>& supervisors) {
  const Descendants all(getpid());
  bool changed = false;
  for (const ProcessStat& supervisor : supervisors) {
    changed = terminate_.Send(all, supervisor) || changed;
  }
  return changed;
}

bool Termination::SignalMember(const ProcessSet& set,
                               const ProcessStat& process, bool killing) {
  if (killing) {
    if (!kill_.Send(set, process)) return false;
    NoteKilled(process);
    return true;
  }
  if (!terminate_.Send(set, process)) return false;
  if (leader_ == 0) strays_.push_back(process);
  return true;
}

// Also what may not be signalled, or was forked since `members` were listed.
void Termination::KillCgroup(const std::vector<ProcessStat>& members) {
  if (cgroup_ == nullptr) return;
  const std::vector<pid_t> inside =
      cgroup_->ProcessesInTree().value_or(std::vector<pid_t>());
  // Also what is in a cgroup below it.
  const absl::StatusOr<bool> empty = cgroup_->AwaitEmpty(absl::InfinitePast());
  if (empty.value_or(true) || !cgroup_->Kill().ok()) return;
  for (const ProcessStat& member : members) {
    if (kill_.HasSent(member) ||
        std::find(inside.begin(), inside.end(), member.pid) == inside.end()) {
      continue;
    }
    kill_.MarkSent(member);
    NoteKilled(member);
  }
}

void Termination::NoteKilled(const ProcessStat& process) {
  const bool counted = leader_ == 0 && terminate_.HasSent(process);
  if (!counted && process.pid != leader_) strays_.push_back(process);
}

}  // namespace csa
