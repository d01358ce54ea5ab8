#include "common/session/caller.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace csa {

std::vector<SessionId> CallersSessions(const SessionStore& store) {
  // Deeper than any depth limit: a circle in damaged records must end.
  constexpr size_t kDeepest = 64;
  std::vector<SessionId> sessions;
  std::string outer = CallersSession();
  while (sessions.size() < kDeepest) {
    const absl::StatusOr<SessionId> id = SessionId::Parse(outer);
    if (!id.ok()) break;
    sessions.push_back(*id);
    const absl::StatusOr<SessionDirectory> session = store.OpenVisible(*id);
    if (!session.ok()) break;
    const absl::StatusOr<SessionSpec> spec = session->ReadSpec();
    outer = spec.ok() ? spec->parent : "";
  }
  return sessions;
}

absl::Status CheckNotWithin(const SessionStore& store,
                            const SessionDirectory& session) {
  const std::vector<SessionId> within = CallersSessions(store);
  if (std::find(within.begin(), within.end(), session.id()) == within.end()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("session ", session.id().text(),
                   " cannot end while this command, which runs in it, waits "
                   "for it"));
}

}  // namespace csa
