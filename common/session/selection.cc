#include "common/session/selection.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/session/session_report.h"

namespace csa {
namespace {

// Whether a session is not shown as one that cannot be read: it has gone, or
// nothing can be read.
bool IsPassedOver(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsResourceExhausted(status);
}

// NotFound when it has been removed meanwhile, or cannot match.
absl::StatusOr<SessionEntry> Read(const SessionStore& store,
                                  const SessionId& id,
                                  const Selection& selection) {
  SessionEntry entry = {
      .id = id,
      .spec = {.id = id.text(), .created_at = id.time()},
      .state = std::nullopt,
  };
  const absl::StatusOr<SessionDirectory> session = store.OpenVisible(id);
  if (IsPassedOver(session.status())) return session.status();
  // What is refused, whatever it is, is there.
  if (!session.ok()) return entry;
  // Most have ended, and there may be very many.
  if (selection.state == "running" && session->HasResult()) {
    return absl::NotFoundError("it is not running");
  }
  absl::StatusOr<SessionState> state = ReadState(*session);
  if (IsPassedOver(state.status())) return state.status();
  if (state.ok()) entry.state = *std::move(state);
  absl::StatusOr<SessionSpec> spec = session->ReadSpec();
  if (spec.ok()) entry.spec = *std::move(spec);
  return entry;
}

bool HasLabels(const SessionSpec& spec,
               const std::map<std::string, std::string>& labels) {
  for (const auto& [key, value] : labels) {
    const auto label = spec.labels.find(key);
    if (label == spec.labels.end() || label->second != value) return false;
  }
  return true;
}

}  // namespace

absl::string_view StatusName(const SessionEntry& entry) {
  if (!entry.state.has_value()) return "corrupt";
  if (entry.state->kind == SessionState::Kind::kRunning) return "running";
  return IsLost(*entry.state) ? SessionStatusName(SessionStatus::kLost)
                              : SessionStatusName(entry.state->result.status);
}

bool Matches(const Selection& selection, const SessionEntry& entry) {
  const absl::string_view status = StatusName(entry);
  const bool finished = status != "running" && status != "corrupt";
  const bool in_state = selection.state.empty() || selection.state == status ||
                        (selection.state == "finished" && finished);
  return in_state &&
         (selection.tool.empty() || selection.tool == entry.spec.tool) &&
         (selection.project.empty() ||
          selection.project == entry.spec.project) &&
         HasLabels(entry.spec, selection.labels) &&
         entry.spec.created_at >= selection.since;
}

absl::StatusOr<std::vector<SessionEntry>> SelectNewest(
    const SessionStore& store, const Selection& selection, size_t count) {
  std::vector<SessionEntry> selected;
  absl::Status failed;
  CSA_RETURN_IF_ERROR(store.VisitNewestFirst([&](const SessionId& id) {
    // The id holds the time of the start, in milliseconds.
    if (selected.size() == count ||
        id.time() + absl::Milliseconds(1) < selection.since) {
      return false;
    }
    absl::StatusOr<SessionEntry> entry = Read(store, id, selection);
    if (absl::IsResourceExhausted(entry.status())) failed = entry.status();
    if (entry.ok() && Matches(selection, *entry)) {
      selected.push_back(*std::move(entry));
    }
    return failed.ok();
  }));
  CSA_RETURN_IF_ERROR(failed);
  return selected;
}

}  // namespace csa
