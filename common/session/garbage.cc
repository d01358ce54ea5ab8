#include "common/session/garbage.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/session/caller.h"
#include "common/session/ending.h"
#include "common/session/session_cgroup.h"
#include "common/session/session_report.h"
#include "common/session/session_state.h"

namespace csa {
namespace {

using Outcome = Clearing::Outcome;
// Nothing where there was nothing to do.
using MaybeClearing = absl::StatusOr<std::optional<Clearing>>;

// A result that cannot be read says nothing of whether it is still of use.
absl::Status NeverRemoved(const SessionDirectory& session,
                          const absl::Status& corrupt) {
  return absl::DataLossError(absl::StrCat(
      corrupt.message(), ". It is never removed by itself: when it is of no ",
      "more use, remove ", session.path()));
}

// How a running session stands to those that it was started from.
enum class Standing {
  kOnItsOwn,   // it was to end with none that is lost
  kWithOuter,  // it was, and ends with one between the two that is running
  kOrphaned,   // it was, and there is none that it ends with
};

Standing StandingOf(const SessionStore& store, const SessionId& id) {
  const std::vector<SessionId> lineage = LineageOf(store, id);
  Standing standing = Standing::kOrphaned;
  for (size_t i = 1; i < lineage.size(); ++i) {
    const absl::StatusOr<SessionDirectory> outer =
        store.OpenVisible(lineage[i]);
    if (!outer.ok()) continue;
    const absl::StatusOr<SessionState> state = ReadState(*outer);
    const absl::StatusOr<SessionSpec> spec = outer->ReadSpec();
    if (!state.ok() || !spec.ok()) continue;
    if (state->kind == SessionState::Kind::kRunning) {
      standing = Standing::kWithOuter;
      // That one is not ended.
      if (RunsBelow(state->supervisor)) return Standing::kOnItsOwn;
    } else if (IsLost(*state) && spec->ends_nested) {
      return standing;
    }
  }
  return Standing::kOnItsOwn;
}

void NoteEnd(absl::Time now, StoredSession& stored) {
  stored.completed_at = now;
  stored.removable = true;
}

// Ends `session`, which is running, if it was to end with one that is lost, and
// can be ended from here.
MaybeClearing EndIfOrphaned(const SessionStore& store,
                            const SessionDirectory& session, pid_t supervisor,
                            bool dry_run, absl::Time now,
                            StoredSession& stored) {
  const Standing standing = StandingOf(store, session.id());
  if (standing == Standing::kOnItsOwn || supervisor < 1 ||
      RunsBelow(supervisor)) {
    return std::nullopt;
  }
  if (dry_run) NoteEnd(now, stored);
  if (standing == Standing::kWithOuter) return std::nullopt;
  if (dry_run) return Clearing{.outcome = Outcome::kEnded};
  CSA_ASSIGN_OR_RETURN(Ending ending, EndSession(session));
  if (!ending.alive.empty()) {
    return Clearing{.outcome = Outcome::kStillAlive,
                    .alive = std::move(ending.alive)};
  }
  NoteEnd(now, stored);
  if (ending.outcome == Ending::Outcome::kAlreadyEnded) return std::nullopt;
  return Clearing{.outcome = ending.lost ? Outcome::kLost : Outcome::kEnded};
}

MaybeClearing EndLost(const SessionDirectory& session, bool dry_run) {
  if (dry_run) {
    CSA_ASSIGN_OR_RETURN(const std::vector<ProcessStat> left,
                         FindLeftOver(session));
    return Clearing{.outcome = Outcome::kLost,
                    .strays = static_cast<int>(left.size())};
  }
  CSA_ASSIGN_OR_RETURN(Ending ending, EndSession(session, Nested::kSpared));
  // It has a result, perhaps from somebody else by now.
  if (!ending.lost && ending.alive.empty()) return std::nullopt;
  return Clearing{
      .outcome = ending.alive.empty() ? Outcome::kLost : Outcome::kStillAlive,
      .strays = ending.strays,
      .alive = std::move(ending.alive)};
}

// Also enters into `stored` what has become of the session.
MaybeClearing EndIfLeftOver(const SessionStore& store, bool dry_run,
                            absl::Time now, StoredSession& stored) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session,
                       store.OpenVisible(stored.id));
  // Without a lock, it cannot be told whether it is about to begin.
  if (session.IsLegacy()) return std::nullopt;
  const absl::StatusOr<SessionState> state = ReadState(session);
  if (absl::IsDataLoss(state.status())) {
    CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                         session.Supervisor());
    // What runs in it can write there.
    if (supervisor.has_value()) return std::nullopt;
    return NeverRemoved(session, state.status());
  }
  if (!state.ok()) return state.status();
  if (state->kind == SessionState::Kind::kRunning) {
    return EndIfOrphaned(store, session, state->supervisor, dry_run, now,
                         stored);
  }
  if (state->kind == SessionState::Kind::kFinished) {
    stored.completed_at = state->result.completed_at;
    CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                         session.Supervisor());
    stored.removable = !supervisor.has_value();
    // Its supervisor goes right after the result, unless it is held up.
    if (stored.removable || dry_run) return std::nullopt;
    return EndLost(session, dry_run);
  }
  CSA_ASSIGN_OR_RETURN(std::optional<Clearing> clearing,
                       EndLost(session, dry_run));
  if (!clearing.has_value() || clearing->outcome == Outcome::kLost) {
    NoteEnd(now, stored);
  }
  return clearing;
}

MaybeClearing DiscardIfLeftOver(const SessionStore& store, const SessionId& id,
                                const Clearance& clearance) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.OpenHidden(id));
  CSA_ASSIGN_OR_RETURN(const absl::Time modified,
                       ModificationTime(session.fd()));
  if (absl::Now() - modified < clearance.least_age) return std::nullopt;
  const int64_t bytes = store.DiskUsageOf(HiddenName(id)).value_or(0);
  CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                       session.Supervisor());
  if (supervisor.has_value()) return std::nullopt;
  if (!clearance.dry_run) {
    RemoveSessionCgroup(session);
    // A supervisor that locks it now finds its name gone before it has started
    // anything.
    CSA_RETURN_IF_ERROR(store.Discard(id));
  }
  return Clearing{.outcome = Outcome::kRemoved, .bytes = bytes};
}

MaybeClearing FinishDiscarding(const SessionStore& store, const SessionId& id,
                               bool dry_run) {
  const int64_t bytes = store.DiskUsageOf(DiscardedName(id)).value_or(0);
  if (!dry_run) CSA_RETURN_IF_ERROR(store.Discard(id));
  return Clearing{.outcome = Outcome::kRemoved, .bytes = bytes};
}

// Removes a finished session.
MaybeClearing Remove(const SessionStore& store, const SessionId& id,
                     bool dry_run) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.OpenVisible(id));
  const int64_t bytes = store.DiskUsageOf(id.text()).value_or(0);
  // One that would have been ended by now has a supervisor in a dry run.
  if (!dry_run) {
    CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                         session.Supervisor());
    if (supervisor.has_value()) return std::nullopt;
    RemoveSessionCgroup(session);
    CSA_RETURN_IF_ERROR(store.Remove(id));
  }
  return Clearing{.outcome = Outcome::kRemoved, .bytes = bytes};
}

void Tell(ClearingObserver observer, const SessionId& id,
          MaybeClearing clearing) {
  // What is gone by now needs nothing done.
  if (absl::IsNotFound(clearing.status())) return;
  if (!clearing.ok()) {
    observer(id, clearing.status());
  } else if (clearing->has_value()) {
    observer(id, **std::move(clearing));
  }
}

// Keeps the sessions that the caller, or one that has not finished, was started
// from: without their records nobody would know that it was.
void Spare(const SessionStore& store, std::vector<StoredSession>& sessions) {
  std::set<SessionId> spared;
  const auto add = [&](const std::vector<SessionId>& lineage) {
    spared.insert(lineage.begin(), lineage.end());
  };
  add(CallersSessions(store));
  for (const StoredSession& session : sessions) {
    if (!session.completed_at.has_value()) add(LineageOf(store, session.id));
  }
  for (StoredSession& session : sessions) {
    session.removable = session.removable && !spared.contains(session.id);
  }
}

// Ends what is left of those of `ids` that are lost. Returns what there is
// then.
std::vector<StoredSession> Survey(const SessionStore& store,
                                  const std::vector<SessionId>& ids,
                                  const Clearance& clearance, absl::Time now,
                                  ClearingObserver observer) {
  std::vector<StoredSession> sessions;
  for (const SessionId& id : ids) {
    StoredSession stored = {.id = id};
    // Before anything is published: a dry run is to come to the same choice.
    if (clearance.limits.max_bytes.has_value()) {
      const absl::StatusOr<int64_t> bytes = store.DiskUsageOf(id.text());
      if (!bytes.ok()) Tell(observer, id, bytes.status());
      stored.bytes = bytes.value_or(0);
    }
    Tell(observer, id, EndIfLeftOver(store, clearance.dry_run, now, stored));
    sessions.push_back(stored);
  }
  Spare(store, sessions);
  return sessions;
}

}  // namespace

absl::Status CollectGarbage(const SessionStore& store,
                            const Clearance& clearance,
                            ClearingObserver observer) {
  const absl::Time now = absl::Now();
  const bool dry_run = clearance.dry_run;
  CSA_ASSIGN_OR_RETURN(const SessionStore::Contents contents, store.List());
  const std::vector<StoredSession> sessions =
      Survey(store, contents.sessions, clearance, now, observer);
  for (const SessionId& id : contents.discarded) {
    Tell(observer, id, FinishDiscarding(store, id, dry_run));
  }
  for (const SessionId& id : contents.hidden) {
    Tell(observer, id, DiscardIfLeftOver(store, id, clearance));
  }
  for (const SessionId& id :
       ChooseForRemoval(sessions, clearance.limits, now)) {
    Tell(observer, id, Remove(store, id, dry_run));
  }
  return absl::OkStatus();
}

}  // namespace csa
