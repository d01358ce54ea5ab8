#include "tools/kill/targets.h"

#include <sys/types.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/selection_options.h"
#include "common/cli/session_option.h"
#include "common/os/errno_status.h"
#include "common/os/process.h"
#include "common/session/caller.h"
#include "common/session/selection.h"
#include "common/session/session_directory.h"
#include "tools/kill/report.h"

ABSL_FLAG(bool, all, false, "end all that have not ended");
ABSL_FLAG(std::string, tree, "",
          "ID|only this session, and those that descend from it");

namespace csa {
namespace {

Targets FindNamed(const SessionStore& store,
                  const std::vector<std::string>& references) {
  Targets targets = {.named = true};
  std::set<SessionId> known;
  for (const std::string& reference : references) {
    const absl::StatusOr<SessionDirectory> session = store.Find(reference);
    if (!session.ok()) {
      targets.faults.push_back(session.status());
    } else if (known.insert(session->id()).second) {
      targets.sessions.push_back(session->id());
    }
  }
  return targets;
}

// What --label, --project and --tree say. Where there are roots, only what one
// of them is in the line of.
struct Rule {
  Selection selection;
  std::vector<SessionId> roots;
};

// Whether there may be something to end. What a session writes into its own
// directory changes nothing as long as its supervisor lives.
absl::StatusOr<bool> HasNotEnded(const SessionDirectory& session) {
  if (!session.HasResult()) return true;
  CSA_ASSIGN_OR_RETURN(const std::optional<pid_t> supervisor,
                       session.Supervisor());
  return supervisor.has_value();
}

absl::StatusOr<bool> Matches(const SessionStore& store,
                             const SessionDirectory& session,
                             const Rule& rule) {
  CSA_ASSIGN_OR_RETURN(const bool has_not_ended, HasNotEnded(session));
  if (!has_not_ended) return false;
  const Selection& selection = rule.selection;
  const bool selects = !selection.labels.empty() || !selection.project.empty();
  if (!selects && rule.roots.empty()) return true;
  // Without it, nobody knows what it is, and what it was started from. The
  // older csa wrote none.
  absl::StatusOr<SessionSpec> spec = session.ReadSpec();
  if (!spec.ok() && !absl::IsNotFound(spec.status())) {
    return Named(session.path(), spec.status());
  }
  if (!rule.roots.empty()) {
    const std::vector<SessionId> lineage = LineageOf(store, session.id());
    if (std::find_first_of(lineage.begin(), lineage.end(), rule.roots.begin(),
                           rule.roots.end()) == lineage.end()) {
      return false;
    }
  }
  if (!selects) return true;
  if (!spec.ok()) return false;
  return csa::Matches(
      selection,
      {.id = session.id(), .spec = *std::move(spec), .state = std::nullopt});
}

absl::StatusOr<Targets> FindMatching(const SessionStore& store,
                                     const Rule& rule) {
  const std::vector<SessionId> callers = CallersSessions(store);
  Targets targets;
  CSA_RETURN_IF_ERROR(store.VisitNewestFirst([&](const SessionId& id) {
    const absl::StatusOr<SessionDirectory> session = store.OpenVisible(id);
    const absl::StatusOr<bool> matches =
        session.ok() ? Matches(store, *session, rule) : session.status();
    if (absl::IsNotFound(matches.status())) return true;
    if (!matches.ok()) {
      targets.faults.push_back(
          Named(absl::StrCat("session ", id.text()), matches.status()));
    } else if (*matches) {
      const bool within =
          std::find(callers.begin(), callers.end(), id) != callers.end() ||
          RunsBelow(session->Supervisor().value_or(std::nullopt).value_or(0));
      (within ? targets.spared : targets.sessions).push_back(id);
    }
    return true;
  }));
  return targets;
}

absl::StatusOr<Rule> GetRule(const SessionStore& store,
                             SelectionOptions options) {
  Rule rule = {.selection = {.project = std::move(options.project),
                             .labels = std::move(options.labels)},
               .roots = {}};
  const std::string tree = absl::GetFlag(FLAGS_tree);
  if (tree.empty()) return rule;
  CSA_ASSIGN_OR_RETURN(const SessionDirectory root, store.Find(tree));
  rule.roots = {root.id()};
  return rule;
}

std::vector<SessionId> Without(const std::vector<SessionId>& ids,
                               const std::vector<SessionId>& without) {
  std::vector<SessionId> rest;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(rest),
               [&](const SessionId& id) {
                 return std::find(without.begin(), without.end(), id) ==
                        without.end();
               });
  return rest;
}

using EndObserver =
    absl::FunctionRef<void(const SessionId&, const absl::StatusOr<Ending>&)>;

// Ends `targets`, as many at the same time as there are descriptors for.
// Returns those that were lost.
std::vector<SessionId> EndAll(const SessionStore& store,
                              const std::vector<SessionId>& targets,
                              EndObserver ended) {
  // A directory and a supervisor of each, and some for what else there is.
  constexpr size_t kOthers = 64;
  const size_t limit = RaiseDescriptorLimit();
  const size_t most = limit > 2 * kOthers ? (limit - kOthers) / 2 : 1;
  std::vector<SessionId> lost;
  for (size_t begin = 0; begin < targets.size(); begin += most) {
    std::vector<SessionDirectory> sessions;
    const size_t end = std::min(targets.size(), begin + most);
    for (size_t i = begin; i < end; ++i) {
      absl::StatusOr<SessionDirectory> session = store.OpenVisible(targets[i]);
      if (session.ok()) {
        sessions.push_back(*std::move(session));
      } else {
        ended(targets[i], session.status());
      }
    }
    EndSessions(sessions, [&](size_t i, const absl::StatusOr<Ending>& ending) {
      ended(sessions[i].id(), ending);
      if (ending.ok() && (ending->lost || ending->lost_before)) {
        lost.push_back(sessions[i].id());
      }
    });
  }
  return lost;
}

}  // namespace

absl::StatusOr<Targets> FindTargets(const absl::StatusOr<SessionStore>& store,
                                    const Operands& operands) {
  const std::vector<std::string> references = SessionReferences(operands);
  CSA_ASSIGN_OR_RETURN(SelectionOptions options, GetSelectionOptions());
  const bool by_rule = absl::GetFlag(FLAGS_all) || !options.empty() ||
                       !absl::GetFlag(FLAGS_tree).empty();
  if (references.empty() && !by_rule) {
    return UsageError("no session is named: give ids, or --all");
  }
  if (by_rule && !references.empty()) {
    return UsageError(absl::StrCat(
        "--all, --label, --project[=DIR] and --tree say which sessions to end: "
        "what is '",
        references.front(), "' besides?"));
  }
  if (by_rule && absl::IsNotFound(store.status())) return Targets();
  if (!store.ok()) return store.status();
  if (!by_rule) return FindNamed(*store, references);
  CSA_ASSIGN_OR_RETURN(const Rule rule, GetRule(*store, std::move(options)));
  return FindMatching(*store, rule);
}

void EndTargets(const SessionStore& store, const Targets& targets,
                EndObserver ended) {
  // One that has gone since it was found. Nobody has asked for it by its name.
  const auto unless_gone = [&](const SessionId& id,
                               const absl::StatusOr<Ending>& ending) {
    if (!absl::IsNotFound(ending.status())) ended(id, ending);
  };
  std::vector<SessionId> done = targets.sessions;
  std::vector<SessionId> lost =
      EndAll(store, targets.sessions,
             targets.named ? ended : EndObserver(unless_gone));
  // Nobody is left who ends those that were started from them. What is being
  // ended may start another: until there is none.
  while (!lost.empty()) {
    const absl::StatusOr<Targets> below =
        FindMatching(store, {.selection = {}, .roots = lost});
    if (!below.ok()) return ended(lost.front(), below.status());
    const std::vector<SessionId> nested = Without(below->sessions, done);
    if (nested.empty()) {
      for (const absl::Status& fault : below->faults) {
        ended(lost.front(), fault);
      }
      for (const SessionId& id : Without(below->spared, done)) {
        ended(id, absl::FailedPreconditionError(DescribeSpared(id)));
      }
      return;
    }
    const std::vector<SessionId> also_lost = EndAll(store, nested, unless_gone);
    lost.insert(lost.end(), also_lost.begin(), also_lost.end());
    done.insert(done.end(), nested.begin(), nested.end());
  }
}

}  // namespace csa
