#include "tools/kill/targets.h"

#include <limits>
#include <set>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/cli/selection_options.h"
#include "common/cli/session_option.h"
#include "common/os/process.h"
#include "common/session/caller.h"
#include "common/session/selection.h"
#include "common/session/session_id.h"
#include "common/session/session_state.h"

ABSL_FLAG(bool, all, false, "end all that have not ended");
ABSL_FLAG(std::string, tree, "",
          "ID|only this session, and those that descend from it");

namespace csa {
namespace {

Targets FindNamed(const SessionStore& store,
                  const std::vector<std::string>& references) {
  Targets targets;
  std::set<SessionId> known;
  for (const std::string& reference : references) {
    absl::StatusOr<SessionDirectory> session = store.Find(reference);
    if (!session.ok()) {
      targets.not_found.push_back(session.status());
    } else if (known.insert(session->id()).second) {
      targets.sessions.push_back(*std::move(session));
    }
  }
  return targets;
}

absl::StatusOr<std::vector<SessionEntry>> FindCandidates(
    const SessionStore& store, const Selection& selection) {
  const std::string tree = absl::GetFlag(FLAGS_tree);
  if (!tree.empty()) {
    CSA_ASSIGN_OR_RETURN(const SessionDirectory root, store.Find(tree));
    return SelectTree(store, root.id());
  }
  return SelectNewest(store, selection, std::numeric_limits<size_t>::max());
}

bool HasEnded(const SessionEntry& entry) {
  return !entry.state.has_value() ||
         entry.state->kind == SessionState::Kind::kFinished;
}

absl::StatusOr<Targets> FindMatching(const SessionStore& store,
                                     const Selection& selection) {
  CSA_ASSIGN_OR_RETURN(const std::vector<SessionEntry> candidates,
                       FindCandidates(store, selection));
  Targets targets;
  for (const SessionEntry& candidate : candidates) {
    if (HasEnded(candidate) || !Matches(selection, candidate)) continue;
    absl::StatusOr<SessionDirectory> session = store.OpenVisible(candidate.id);
    if (absl::IsNotFound(session.status())) continue;
    if (!session.ok()) return session.status();
    if (CheckNotWithin(store, *session).ok()) {
      targets.sessions.push_back(*std::move(session));
    } else {
      targets.spared.push_back(candidate.id);
    }
  }
  return targets;
}

}  // namespace

absl::StatusOr<Targets> FindTargets(const Operands& operands) {
  const std::vector<std::string> references = SessionReferences(operands);
  CSA_ASSIGN_OR_RETURN(SelectionOptions options, GetSelectionOptions());
  const bool by_rule = absl::GetFlag(FLAGS_all) || !options.empty() ||
                       !absl::GetFlag(FLAGS_tree).empty();
  if (references.empty() && !by_rule) {
    return UsageError("no session is named: give ids, or --all");
  }
  if (!references.empty() && by_rule) {
    return UsageError(
        "--all, --label, --project and --tree say which sessions to end: name "
        "none besides");
  }
  absl::StatusOr<SessionStore> store = SessionStore::Open();
  if (by_rule && absl::IsNotFound(store.status())) return Targets();
  if (!store.ok()) return store.status();
  RaiseDescriptorLimit();
  if (!by_rule) return FindNamed(*store, references);
  return FindMatching(*store, {.project = std::move(options.project),
                               .labels = std::move(options.labels)});
}

}  // namespace csa
