#include "common/session/session_state.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/session/legacy_session.h"

namespace csa {
namespace {

using Kind = SessionState::Kind;

// The finished state, nothing while there is no result, or an error.
absl::StatusOr<std::optional<SessionState>> ReadFinished(
    const SessionDirectory& session) {
  absl::StatusOr<SessionResult> result = session.ReadResult();
  if (absl::IsNotFound(result.status())) return std::nullopt;
  if (absl::IsResourceExhausted(result.status())) return result.status();
  if (!result.ok()) {
    return absl::DataLossError(absl::StrCat(
        "session ", session.id().text(), " has a result that cannot be read, ",
        session.PathOf(kResultFile), ": ", result.status().message(),
        "; its logs are beside it, look there"));
  }
  return SessionState{.kind = Kind::kFinished, .result = *std::move(result)};
}

}  // namespace

absl::string_view SessionStateName(SessionState::Kind kind) {
  switch (kind) {
    case Kind::kFinished:
      return "finished";
    case Kind::kRunning:
      return "running";
    case Kind::kLost:
      return "lost";
  }
  return "unknown";
}

absl::StatusOr<std::optional<pid_t>> ReadSupervisor(
    const SessionDirectory& session) {
  return session.IsLegacy() ? LegacyProcess(session) : session.Supervisor();
}

absl::StatusOr<SessionState> ReadState(const SessionDirectory& session) {
  CSA_ASSIGN_OR_RETURN(std::optional<SessionState> finished,
                       ReadFinished(session));
  if (finished.has_value()) return *std::move(finished);
  CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                       ReadSupervisor(session));
  if (supervisor.has_value()) {
    return SessionState{
        .kind = Kind::kRunning, .result = {}, .supervisor = *supervisor};
  }
  // It may have published between the first look and the second.
  CSA_ASSIGN_OR_RETURN(finished, ReadFinished(session));
  if (finished.has_value()) return *std::move(finished);
  // A session that is taken back or removed is hidden before its lock goes.
  CSA_RETURN_IF_ERROR(session.CheckNotRemoved());
  return SessionState{.kind = Kind::kLost, .result = {}};
}

}  // namespace csa
