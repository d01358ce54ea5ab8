#include "common/session/ending.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/session_variables.h"
#include "common/base/status_macros.h"
#include "common/os/cgroup.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process_set.h"
#include "common/os/signal_fd.h"
#include "common/session/end_watch.h"
#include "common/session/session_cgroup.h"
#include "common/session/session_processes.h"
#include "common/session/session_result.h"
#include "common/session/session_state.h"

namespace csa {
namespace {

using Kind = SessionState::Kind;
using Outcome = Ending::Outcome;

// Publishes `status` for a session whose supervisor is dead, or stopped. What
// that one would have known is left out. It is no error when there is a result
// already.
absl::Status PublishFor(const SessionDirectory& session, SessionStatus status,
                        const std::vector<ProcessStat>& ended) {
  const absl::StatusOr<SessionSpec> spec = session.ReadSpec();
  const absl::Time now = absl::Now();
  const absl::Time start = spec.ok() ? spec->created_at : now;
  SessionResult result = {
      .id = session.id().text(),
      .status = status,
      .exit_code = status == SessionStatus::kKilled ? 128 + SIGTERM : 1,
      .tool = spec.ok() ? spec->tool : "",
      .summary = session.ReadSummary(),
      .started_at = start,
      .completed_at = now,
      // The clock may have been set back meanwhile.
      .wall = std::max(now - start, absl::ZeroDuration()),
  };
  if (status == SessionStatus::kKilled) {
    result.ended_by = DescribeWithParent(getpid());
  }
  RecordStrays(ended, result);
  absl::Status published = session.Publish(result);
  if (absl::IsAlreadyExists(published)) return absl::OkStatus();
  if (absl::IsNotFound(published)) {
    CSA_RETURN_IF_ERROR(session.CheckNotRemoved());
  }
  return published;
}

// FailedPrecondition when there may be processes of a lost session that cannot
// be seen from here.
absl::Status CheckVisible(const SessionDirectory& session) {
  const absl::StatusOr<SessionSpec> spec = session.ReadSpec();
  const uint64_t its = spec.ok() ? spec->pid_namespace : 0;
  const uint64_t own = OwnPidNamespace();
  if (its == 0 || its == own || own == kInitialPidNamespace) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "session ", session.id().text(), " is lost, and ran in another pid ",
      "namespace, whose processes cannot be seen from here: end it there, or ",
      "on the host"));
}

// Kills what is left in the cgroup, whoever may signal it, and waits until
// nothing is. Returns whether nothing is.
bool EmptyCgroup(const Cgroup& cgroup) {
  const absl::Time deadline =
      MonotonicNow() +
      (cgroup.Kill().ok() ? kLastAllowance : absl::ZeroDuration());
  return cgroup.AwaitEmpty(deadline).value_or(false);
}

std::vector<ProcessStat> MembersOf(const Cgroup& cgroup) {
  std::vector<ProcessStat> members;
  for (const pid_t pid :
       cgroup.ProcessesInTree().value_or(std::vector<pid_t>())) {
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
    if (process.ok()) members.push_back(*process);
  }
  return members;
}

FileIdentity LockOf(const SessionDirectory& session) {
  return IdentityAt(session.fd(), kLockFile).value_or(FileIdentity{});
}

// FailedPrecondition when the session lives elsewhere: one of `processes`,
// which are its own, has the lock of another directory. This one is a copy of
// that, and says nothing of them.
absl::Status CheckNoCopy(const SessionDirectory& session,
                         const SessionProcesses& processes) {
  NestedSessions elsewhere(LockOf(session));
  for (const ProcessStat& process : processes.Members()) {
    if (!elsewhere.IsSupervisor(process)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        session.path(), " is a copy: session ", session.id().text(),
        " runs in ", VariableOf(process.pid, kSessionDirVariable).value_or("?"),
        ", by process ", DescribeWithParent(process.pid),
        ". Remove the copy; csa kill ends the session"));
  }
  return absl::OkStatus();
}

// The processes of a session that has no supervisor, without the nested
// sessions where these are spared; `root` as in EndWithoutSupervisor. `cgroup`,
// the session's or why there is none, must outlive them. FailedPrecondition
// where they must not be ended.
absl::StatusOr<SessionProcesses> ProcessesOf(
    const SessionDirectory& session, pid_t root, Nested nested,
    const absl::StatusOr<Cgroup>& cgroup) {
  if (!cgroup.ok()) CSA_RETURN_IF_ERROR(CheckVisible(session));
  SessionProcesses processes(session.id(), root,
                             cgroup.ok() ? &*cgroup : nullptr);
  if (nested == Nested::kSpared) {
    processes.LeaveOutNested(LockOf(session));
    CSA_RETURN_IF_ERROR(CheckNoCopy(session, processes));
  }
  return processes;
}

// Ends the processes of a session whose supervisor is dead, or that never had
// one (`root`: the process of a session of the older csa).
absl::StatusOr<Ending> EndWithoutSupervisor(const SessionDirectory& session,
                                            pid_t root, Nested nested) {
  const absl::StatusOr<Cgroup> cgroup = OpenSessionCgroup(session);
  CSA_ASSIGN_OR_RETURN(const SessionProcesses processes,
                       ProcessesOf(session, root, nested, cgroup));
  std::vector<ProcessStat> ended;
  std::vector<ProcessStat> alive =
      EndProcesses(processes, kGracePeriod,
                   MonotonicNow() + kGracePeriod + kLastAllowance, ended);
  Ending ending = {
      .outcome = ended.empty() ? Outcome::kAlreadyEnded : Outcome::kEnded,
      .lost = root == 0,
      .uncertain = root == 0,
      .strays = static_cast<int>(ended.size())};
  // Who ends the session that it runs in does not end itself, and must not say
  // that nothing is left.
  const std::vector<ProcessStat> spared = processes.Spared();
  if (cgroup.ok() && spared.empty() && !processes.HasNestedInCgroup() &&
      EmptyCgroup(*cgroup)) {
    ending.uncertain = false;
    alive = processes.Members();
  }
  alive.insert(alive.end(), spared.begin(), spared.end());
  if (!alive.empty()) {
    ending.outcome = Outcome::kStillAlive;
    ending.alive = std::move(alive);
    return ending;
  }
  RemoveSessionCgroup(session);
  CSA_RETURN_IF_ERROR(PublishFor(
      session, root == 0 ? SessionStatus::kLost : SessionStatus::kKilled,
      ended));
  return ending;
}

// What descends from a supervisor, and nobody once it is dead: then its orphans
// are another's children, and its pid may mean another process.
class SupervisedProcesses : public ProcessSet {
 public:
  SupervisedProcesses(const PidFd& supervisor, pid_t pid)
      : supervisor_(supervisor), descendants_(pid) {}

  std::vector<ProcessStat> Members() const override {
    std::vector<ProcessStat> members = descendants_.Members();
    if (IsDead()) members.clear();
    return members;
  }
  bool Contains(pid_t pid) const override {
    return descendants_.Contains(pid) && !IsDead();
  }
  bool IsDead() const {
    return supervisor_.AwaitDeath(absl::InfinitePast()).value_or(false);
  }

 private:
  const PidFd& supervisor_;
  const Descendants descendants_;
};

// Whether `pid`, which holds the lock, is not the supervisor: that has died,
// and what it has left can take the lock. The supervisor is the one that the
// file names, in its own pid namespace.
bool HasTakenLock(const SessionDirectory& session, pid_t pid) {
  constexpr size_t kMaxPidBytes = 32;
  const absl::StatusOr<SessionSpec> spec = session.ReadSpec();
  const absl::StatusOr<std::string> named =
      ReadFileAt(session.fd(), kLockFile, kMaxPidBytes);
  return spec.ok() && spec->pid_namespace == OwnPidNamespace() && named.ok() &&
         *named != absl::StrCat(pid, "\n");
}

// Does the work of a supervisor that does not do it: kills what descends from
// it while it is still the one that orphans fall to, then itself. Nothing when
// it has died by itself meanwhile, or was none, and the state should be looked
// at again.
absl::StatusOr<std::optional<Ending>> EndFromOutside(
    const SessionDirectory& session, const PidFd& supervisor, pid_t pid) {
  const SupervisedProcesses descendants(supervisor, pid);
  if (descendants.Contains(getpid())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the supervisor of the caller's own session does not answer: end ",
        session.id().text(), " from outside it"));
  }
  // Who interrupts this must not leave it stopped.
  const DeferredSignals deferred;
  static_cast<void>(supervisor.Signal(SIGSTOP));
  std::vector<ProcessStat> ended;
  // All at once first: what forks without a pause leaves ever more dead below a
  // supervisor that reaps none, and takes ever longer to walk through.
  const absl::StatusOr<Cgroup> cgroup = OpenSessionCgroup(session);
  if (cgroup.ok()) {
    std::vector<ProcessStat> members = MembersOf(*cgroup);
    if (EmptyCgroup(*cgroup)) ended = std::move(members);
  }
  std::vector<ProcessStat> alive =
      EndProcesses(descendants, absl::ZeroDuration(),
                   MonotonicNow() + kLastAllowance, ended);
  const int strays = static_cast<int>(ended.size());
  // Stopped, it does not end: somebody else has killed it.
  if (descendants.IsDead()) return std::nullopt;
  if (!alive.empty()) {
    static_cast<void>(supervisor.Signal(SIGCONT));
    return Ending{.outcome = Outcome::kStillAlive,
                  .strays = strays,
                  .alive = std::move(alive)};
  }
  // Before it dies: who waits for its death is to find the result.
  const bool supervises = !HasTakenLock(session, pid);
  const absl::Status published =
      supervises ? PublishFor(session, SessionStatus::kKilled, ended)
                 : absl::OkStatus();
  if (!published.ok()) {
    // Killed now, it would be lost. It can still publish by itself.
    static_cast<void>(supervisor.Signal(SIGCONT));
    return published;
  }
  const absl::Status killed = supervisor.Signal(SIGKILL);
  if (!killed.ok() && !absl::IsNotFound(killed)) return killed;
  CSA_RETURN_IF_ERROR(
      supervisor.AwaitDeath(MonotonicNow() + kLastAllowance).status());
  if (!supervises) return std::nullopt;
  RemoveSessionCgroup(session);
  return Ending{.outcome = Outcome::kEnded, .strays = strays};
}

absl::Status NotItsSupervisor(const SessionDirectory& session, pid_t pid) {
  return absl::FailedPreconditionError(absl::StrCat(
      session.PathOf(kLockFile), " is locked by process ",
      DescribeWithParent(pid), ", whose environment does not say that it is ",
      "the supervisor of session ", session.id().text(),
      ": it is left alone. Remove the file to end what carries the session's ",
      "id"));
}

// `pid` is 0 or less: see WriteLockHolder.
absl::Status IsElsewhere(const SessionDirectory& session, pid_t pid) {
  const std::string otherwise = absl::StrCat(
      "; or, if it runs nowhere, and ", session.PathOf(kLockFile),
      " is locked by something else (F_OFD_SETLK), end that, or remove the ",
      "file to end what carries the session's id");
  return absl::FailedPreconditionError(absl::StrCat(
      "session ", session.id().text(),
      " runs in another pid namespace or on another host: end it there",
      pid < 0 ? otherwise : ""));
}

// One session on its way to its end.
class Attempt {
 public:
  Attempt(const SessionDirectory& session, Nested nested)
      : session_(session), nested_(nested) {}

  // How it ended; nothing when there is something to wait for first.
  using MaybeEnding = absl::StatusOr<std::optional<Ending>>;

  // Asks the supervisor to end the session, if there is one. If there is none,
  // does what there is to do, which may block for 9 s, unless `ask_only`.
  MaybeEnding Begin(bool ask_only);

  // What to wait for, until deadline(), before Continue() is called; -1, and
  // for ever, where there is nothing to wait for.
  int fd() const { return supervisor_.has_value() ? supervisor_->fd() : -1; }
  absl::Time deadline() const {
    return supervisor_.has_value() ? deadline_ : absl::InfiniteFuture();
  }

  // Leaves nothing to wait for.
  void Stop() { supervisor_.reset(); }

  // Goes on once the supervisor has ended or the deadline has come: from
  // outside, where it must. May block for 6 s, and, of what has taken the lock
  // of a lost session, for 9 s more.
  MaybeEnding Continue();

 private:
  // Who sees to the session, if anybody; or how it has ended, if that is all.
  struct Sight {
    std::optional<pid_t> pid;
    std::optional<Ending> ending;
  };
  absl::StatusOr<Sight> Look();

  // Leaves `supervisor_` empty when it has died meanwhile.
  absl::Status Ask(pid_t pid);

  const SessionDirectory& session_;
  const Nested nested_;
  std::optional<PidFd> supervisor_;  // or a stranger that holds its lock
  pid_t pid_ = 0;
  bool is_stranger_ = false;
  absl::Time deadline_;
  bool asked_ = false;
  bool had_ended_ = false;  // before anybody was asked
};

absl::StatusOr<Attempt::Sight> Attempt::Look() {
  const absl::StatusOr<SessionState> state = ReadState(session_);
  const bool corrupt = absl::IsDataLoss(state.status());
  if (!state.ok() && !corrupt) return state.status();
  Sight sight;
  if (state.ok() && state->kind != Kind::kFinished) {
    if (state->kind == Kind::kRunning) sight.pid = state->supervisor;
    return sight;
  }
  had_ended_ = had_ended_ || (!corrupt && !asked_);
  // What runs in a session can write a result as well, or rubbish in its place:
  // the session is over when its supervisor has gone.
  if (!session_.IsLegacy()) {
    CSA_ASSIGN_OR_RETURN(sight.pid, session_.Supervisor());
  }
  if (sight.pid.value_or(0) > 0) return sight;
  if (corrupt && !asked_) return state.status();
  sight.ending = {
      .outcome = had_ended_ ? Outcome::kAlreadyEnded : Outcome::kEnded,
      .lost_before = state.ok() && state->result.status == SessionStatus::kLost,
      .strays = state.ok() ? state->result.strays : 0};
  return sight;
}

Attempt::MaybeEnding Attempt::Begin(bool ask_only) {
  while (!supervisor_.has_value()) {
    CSA_ASSIGN_OR_RETURN(const Sight sight, Look());
    if (sight.ending.has_value()) return sight.ending;
    if (!sight.pid.has_value() || session_.IsLegacy()) {
      if (ask_only) return std::nullopt;
      CSA_ASSIGN_OR_RETURN(
          Ending ending,
          EndWithoutSupervisor(session_, sight.pid.value_or(0), nested_));
      // Whoever was asked has ended.
      if (asked_ && ending.outcome == Outcome::kAlreadyEnded) {
        ending.outcome = Outcome::kEnded;
      }
      return ending;
    }
    CSA_RETURN_IF_ERROR(Ask(*sight.pid));
  }
  return std::nullopt;
}

absl::Status Attempt::Ask(pid_t pid) {
  if (pid < 1) return IsElsewhere(session_, pid);
  CSA_ASSIGN_OR_RETURN(supervisor_, HoldSupervisor(session_, pid));
  if (!supervisor_.has_value()) return absl::OkStatus();
  pid_ = pid;
  deadline_ = MonotonicNow() + kGracePeriod;
  // The lock may be a stranger's, where the file is not what it was. In its
  // last moments a supervisor has no environment any more.
  is_stranger_ = MaySeeEnvironmentOf(pid) &&
                 VariableOf(pid, kSessionIdVariable) != session_.id().text();
  if (is_stranger_) return absl::OkStatus();
  asked_ = true;
  deadline_ += kSupervisorAllowance;
  for (const int signal : {SIGTERM, SIGCONT}) {
    absl::Status sent = supervisor_->Signal(signal);
    if (!sent.ok() && !absl::IsNotFound(sent)) return sent;
  }
  return absl::OkStatus();
}

Attempt::MaybeEnding Attempt::Continue() {
  const PidFd supervisor = *std::exchange(supervisor_, std::nullopt);
  CSA_ASSIGN_OR_RETURN(const bool dead,
                       supervisor.AwaitDeath(absl::InfinitePast()));
  if (!dead && is_stranger_) return NotItsSupervisor(session_, pid_);
  if (!dead) {
    CSA_ASSIGN_OR_RETURN(std::optional<Ending> ending,
                         EndFromOutside(session_, supervisor, pid_));
    if (ending.has_value() && ending->outcome == Outcome::kEnded &&
        had_ended_) {
      ending->outcome = Outcome::kAlreadyEnded;
    }
    if (ending.has_value()) return ending;
  }
  return Begin(/*ask_only=*/false);
}

// What is to be waited for, in the order of `attempts`, and until when: for
// ever where there is nothing.
std::pair<std::vector<pollfd>, absl::Time> WaitedFor(
    const std::vector<Attempt>& attempts) {
  std::vector<pollfd> polled;
  absl::Time deadline = absl::InfiniteFuture();
  for (const Attempt& attempt : attempts) {
    polled.push_back({.fd = attempt.fd(), .events = POLLIN, .revents = 0});
    deadline = std::min(deadline, attempt.deadline());
  }
  return {std::move(polled), deadline};
}

std::vector<Attempt> AttemptsAt(absl::Span<const SessionDirectory> sessions,
                                Nested nested) {
  std::vector<Attempt> attempts;
  attempts.reserve(sessions.size());
  for (const SessionDirectory& session : sessions) {
    attempts.emplace_back(session, nested);
  }
  return attempts;
}

}  // namespace

void EndSessions(absl::Span<const SessionDirectory> sessions,
                 EndingObserver ended, Nested nested) {
  std::vector<Attempt> attempts = AttemptsAt(sessions, nested);
  const auto note = [&](size_t i, const Attempt::MaybeEnding& ending) {
    if (ending.ok() && !ending->has_value()) return;
    attempts[i].Stop();
    ended(i, ending.ok() ? **ending : absl::StatusOr<Ending>(ending.status()));
  };
  const absl::Status possible = CheckCanEndProcesses();
  // All are asked before anything takes its time.
  std::vector<size_t> without_supervisor;
  for (size_t i = 0; i < sessions.size(); ++i) {
    const Attempt::MaybeEnding ending =
        possible.ok() ? attempts[i].Begin(/*ask_only=*/true) : possible;
    note(i, ending);
    if (ending.ok() && !ending->has_value() && attempts[i].fd() < 0) {
      without_supervisor.push_back(i);
    }
  }
  for (const size_t i : without_supervisor) {
    note(i, attempts[i].Begin(/*ask_only=*/false));
  }
  while (true) {
    auto [polled, deadline] = WaitedFor(attempts);
    if (deadline == absl::InfiniteFuture()) return;
    const absl::Status waited =
        PollUntil(absl::MakeSpan(polled), deadline).status();
    for (size_t i = 0; i < attempts.size(); ++i) {
      if (polled[i].fd < 0) continue;
      if (!waited.ok()) {
        note(i, waited);
      } else if (polled[i].revents != 0 ||
                 attempts[i].deadline() <= MonotonicNow()) {
        note(i, attempts[i].Continue());
      }
    }
  }
}

absl::StatusOr<Ending> EndSession(const SessionDirectory& session,
                                  Nested nested) {
  absl::StatusOr<Ending> ending = absl::InternalError("it has not ended");
  EndSessions(
      absl::MakeSpan(&session, 1),
      [&](size_t, const absl::StatusOr<Ending>& its) { ending = its; }, nested);
  return ending;
}

absl::StatusOr<std::vector<ProcessStat>> FindLeftOver(
    const SessionDirectory& session) {
  CSA_RETURN_IF_ERROR(CheckCanEndProcesses());
  const absl::StatusOr<Cgroup> cgroup = OpenSessionCgroup(session);
  CSA_ASSIGN_OR_RETURN(const SessionProcesses processes,
                       ProcessesOf(session, 0, Nested::kSpared, cgroup));
  return processes.Members();
}

}  // namespace csa
