#include "common/session/garbage.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/session/ending.h"
#include "common/session/session_cgroup.h"
#include "common/session/session_state.h"

namespace csa {
namespace {

using Outcome = Clearing::Outcome;
// Nothing where there was nothing to do.
using MaybeClearing = absl::StatusOr<std::optional<Clearing>>;

MaybeClearing EndIfLeftOver(const SessionStore& store, const SessionId& id) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.OpenVisible(id));
  // Without a lock, it cannot be told whether it is about to begin.
  if (session.IsLegacy()) return std::nullopt;
  CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
  if (state.kind == SessionState::Kind::kRunning) return std::nullopt;
  if (state.kind == SessionState::Kind::kFinished) {
    // Its supervisor goes right after the result, unless it is held up.
    CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                         session.Supervisor());
    if (!supervisor.has_value()) return std::nullopt;
  }
  CSA_ASSIGN_OR_RETURN(Ending ending, EndSession(session));
  // It has a result, perhaps from somebody else by now.
  if (!ending.lost && ending.alive.empty()) return std::nullopt;
  return Clearing{
      .outcome = ending.alive.empty() ? Outcome::kLost : Outcome::kStillAlive,
      .strays = ending.strays,
      .alive = std::move(ending.alive)};
}

MaybeClearing DiscardIfLeftOver(const SessionStore& store, const SessionId& id,
                                absl::Duration least_age) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.OpenHidden(id));
  CSA_ASSIGN_OR_RETURN(const absl::Time modified,
                       ModificationTime(session.fd()));
  if (absl::Now() - modified < least_age) return std::nullopt;
  CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                       session.Supervisor());
  if (supervisor.has_value()) return std::nullopt;
  RemoveSessionCgroup(session);
  // A supervisor that locks it now finds its name gone before it has started
  // anything.
  CSA_RETURN_IF_ERROR(store.Discard(id));
  return Clearing{.outcome = Outcome::kRemoved};
}

MaybeClearing FinishDiscarding(const SessionStore& store, const SessionId& id) {
  CSA_RETURN_IF_ERROR(store.Discard(id));
  return Clearing{.outcome = Outcome::kRemoved};
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

}  // namespace

absl::Status CollectGarbage(const SessionStore& store, absl::Duration least_age,
                            ClearingObserver observer) {
  CSA_ASSIGN_OR_RETURN(const SessionStore::Contents contents, store.List());
  for (const SessionId& id : contents.sessions) {
    Tell(observer, id, EndIfLeftOver(store, id));
  }
  for (const SessionId& id : contents.discarded) {
    Tell(observer, id, FinishDiscarding(store, id));
  }
  for (const SessionId& id : contents.hidden) {
    Tell(observer, id, DiscardIfLeftOver(store, id, least_age));
  }
  return absl::OkStatus();
}

}  // namespace csa
