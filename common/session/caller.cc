#include "common/session/caller.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/session_variables.h"
#include "common/os/process_set.h"

namespace csa {

std::vector<SessionId> LineageOf(const SessionStore& store,
                                 const SessionId& id) {
  // Deeper than any depth limit: a circle in damaged records must end.
  constexpr size_t kDeepest = 64;
  std::vector<SessionId> lineage = {id};
  while (lineage.size() < kDeepest) {
    const absl::StatusOr<SessionDirectory> session =
        store.OpenVisible(lineage.back());
    if (!session.ok()) break;
    const absl::StatusOr<SessionSpec> spec = session->ReadSpec();
    if (!spec.ok()) break;
    const absl::StatusOr<SessionId> parent = SessionId::Parse(spec->parent);
    if (!parent.ok()) break;
    lineage.push_back(*parent);
  }
  return lineage;
}

std::vector<SessionId> CallersSessions(const SessionStore& store) {
  const absl::StatusOr<SessionId> own = SessionId::Parse(CallersSession());
  return own.ok() ? LineageOf(store, *own) : std::vector<SessionId>();
}

bool RunsBelow(pid_t supervisor) {
  return Descendants(supervisor).Contains(getpid());
}

absl::StatusOr<int> CallersDepth() {
  const char* const text = std::getenv(kDepthVariable);
  int depth = 0;
  if (text == nullptr || *text == '\0') return depth;
  if (absl::SimpleAtoi(text, &depth) && depth >= 0) return depth;
  return absl::InvalidArgumentError(
      absl::StrCat(kDepthVariable, " is '", text, "', which is no depth"));
}

absl::Status CheckNotWithin(const std::vector<SessionId>& callers,
                            const SessionDirectory& session) {
  if (std::find(callers.begin(), callers.end(), session.id()) ==
      callers.end()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("session ", session.id().text(),
                   " cannot end while this command, which runs in it, waits "
                   "for it"));
}

}  // namespace csa
