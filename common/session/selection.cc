#include "common/session/selection.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/functional/function_ref.h"
#include "common/base/status_macros.h"
#include "common/session/session_report.h"

namespace csa {
namespace {

// NotFound when it has been removed meanwhile.
absl::StatusOr<SessionEntry> Read(const SessionStore& store,
                                  const SessionId& id) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.OpenVisible(id));
  absl::StatusOr<SessionState> state = ReadState(session);
  if (absl::IsNotFound(state.status())) return state.status();
  SessionEntry entry = {.id = id, .spec = {}, .state = std::nullopt};
  if (state.ok()) entry.state = *std::move(state);
  absl::StatusOr<SessionSpec> spec = session.ReadSpec();
  if (spec.ok()) {
    entry.spec = *std::move(spec);
  } else {
    entry.spec = {.id = id.text(), .created_at = id.time()};
  }
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

// Gives `take` each session that `wanted` wants, up to the first that it does
// not.
absl::Status ReadNewestFirst(const SessionStore& store,
                             absl::FunctionRef<bool(const SessionId&)> wanted,
                             absl::FunctionRef<void(SessionEntry)> take) {
  absl::Status failed;
  CSA_RETURN_IF_ERROR(store.VisitNewestFirst([&](const SessionId& id) {
    if (!wanted(id)) return false;
    absl::StatusOr<SessionEntry> entry = Read(store, id);
    if (absl::IsResourceExhausted(entry.status())) failed = entry.status();
    if (entry.ok()) take(*std::move(entry));
    return failed.ok();
  }));
  return failed;
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
  const bool in_state = selection.state.empty() || selection.state == status ||
                        (selection.state == "finished" && status != "running");
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
  CSA_RETURN_IF_ERROR(ReadNewestFirst(
      store,
      // The id holds the time of the start, in milliseconds.
      [&](const SessionId& id) {
        return selected.size() < count &&
               id.time() + absl::Milliseconds(1) >= selection.since;
      },
      [&](SessionEntry entry) {
        if (Matches(selection, entry)) selected.push_back(std::move(entry));
      }));
  return selected;
}

absl::StatusOr<std::vector<SessionEntry>> SelectTree(const SessionStore& store,
                                                     const SessionId& root) {
  std::vector<SessionEntry> younger;
  CSA_RETURN_IF_ERROR(ReadNewestFirst(
      store, [&](const SessionId& id) { return !(id < root); },
      [&](SessionEntry entry) { younger.push_back(std::move(entry)); }));
  // A session is younger than its parent.
  std::reverse(younger.begin(), younger.end());
  std::set<std::string> tree = {root.text()};
  std::vector<SessionEntry> selected;
  for (SessionEntry& entry : younger) {
    if (!(entry.id == root) && !tree.contains(entry.spec.parent)) continue;
    tree.insert(entry.id.text());
    selected.push_back(std::move(entry));
  }
  std::reverse(selected.begin(), selected.end());
  return selected;
}

}  // namespace csa
