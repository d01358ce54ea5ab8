#include "common/session/caller.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace csa {

absl::Status CheckNotWithin(const SessionStore& store,
                            const SessionDirectory& session) {
  // Deeper than any depth limit: a circle in damaged records must end.
  constexpr int kDeepest = 64;
  std::string outer = CallersSession();
  for (int depth = 0; depth < kDeepest && !outer.empty(); ++depth) {
    if (outer == session.id().text()) {
      return absl::FailedPreconditionError(
          absl::StrCat("session ", outer,
                       " cannot end while this command, which runs in "
                       "it, waits for it"));
    }
    const absl::StatusOr<SessionDirectory> directory = store.Find(outer);
    if (!directory.ok()) break;
    const absl::StatusOr<SessionSpec> spec = directory->ReadSpec();
    outer = spec.ok() ? spec->parent : "";
  }
  return absl::OkStatus();
}

}  // namespace csa
