#include "tools/doctor/store_checks.h"

#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/session/session_state.h"
#include "common/session/session_store.h"

namespace csa {
namespace {

using Result = Finding::Result;
using Kind = SessionState::Kind;

constexpr int64_t kMiB = int64_t{1} << 20;

Finding BadStore(const absl::Status& status) {
  return {.check = "state_directory",
          .result = Result::kError,
          .found = std::string(status.message()),
          .advice =
              "make it a directory of yours that you alone may write to, "
              "or set CSA_STATE_DIR to one"};
}

// `path`, or the nearest directory above it that is there.
std::string NearestExisting(std::string path) {
  while (path.size() > 1 && !ExistsAt(AT_FDCWD, path)) {
    path.resize(path.rfind('/'));
  }
  return path.empty() ? "/" : path;
}

// NotFound when it has been removed meanwhile.
absl::StatusOr<SessionState> ReadOne(const SessionStore& store,
                                     const SessionId& id) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.OpenVisible(id));
  return ReadState(session);
}

Census Count(const SessionStore& store) {
  Census census;
  const auto note = [&](const absl::Status& problem) {
    if (++census.unreadable > 1) return;
    census.problem = std::string(problem.message());
  };
  const absl::Status visited = store.VisitNewestFirst([&](const SessionId& id) {
    const absl::StatusOr<SessionState> state = ReadOne(store, id);
    if (absl::IsNotFound(state.status())) return true;
    if (!state.ok()) {
      note(state.status());
      return true;
    }
    if (state->kind == Kind::kRunning) ++census.running;
    if (state->kind == Kind::kFinished) ++census.finished;
    if (state->kind == Kind::kLost) ++census.lost;
    return true;
  });
  if (!visited.ok()) note(visited);
  return census;
}

// What is found of the directory `path`, in which sessions are to be made.
std::vector<Finding> CheckPlace(const std::string& path, Finding state) {
  const absl::Status writable = CheckWritable(path);
  if (!writable.ok()) return {BadStore(writable)};
  const absl::StatusOr<UniqueFd> directory =
      OpenAt(AT_FDCWD, absl::StrCat(path, "/."), O_RDONLY | O_DIRECTORY);
  if (!directory.ok()) return {BadStore(directory.status())};
  return {std::move(state), JudgeFreeSpace(FreeSpace(directory->get())),
          JudgeLocks(CheckLocks(path))};
}

}  // namespace

Finding JudgeSessions(const Census& census) {
  const int all =
      census.running + census.finished + census.lost + census.unreadable;
  Finding finding = {.check = "sessions", .found = absl::StrCat(all)};
  if (all > 0) {
    absl::StrAppend(&finding.found, ": ", census.running, " running, ",
                    census.finished, " finished");
  }
  if (census.lost > 0) {
    finding.result = Result::kWarning;
    absl::StrAppend(&finding.found, ", ", census.lost, " lost");
    finding.advice = "end what is left of the lost ones: csa gc";
  }
  if (census.unreadable > 0) {
    finding.result = Result::kWarning;
    absl::StrAppend(&finding.found, ", ", census.unreadable, " unreadable (",
                    census.problem, ")");
    absl::StrAppend(&finding.advice, finding.advice.empty() ? "" : "; ",
                    "look at those that cannot be read, and remove their "
                    "directories");
  }
  return finding;
}

Finding JudgeFreeSpace(const absl::StatusOr<int64_t>& bytes) {
  Finding finding = {.check = "free_space"};
  if (!bytes.ok()) {
    finding.result = Result::kWarning;
    finding.found = std::string(bytes.status().message());
    finding.advice = "make sure that there is some";
    return finding;
  }
  finding.found = absl::StrCat(*bytes / kMiB, " MiB");
  constexpr int64_t kLittle = 100 * kMiB;
  if (*bytes < kLittle) {
    finding.result = Result::kWarning;
    finding.advice =
        "the output of sessions may be cut short: make room, or set "
        "CSA_STATE_DIR to a directory elsewhere";
  }
  return finding;
}

Finding JudgeLocks(const absl::Status& locks) {
  Finding finding = {.check = "locks", .found = "files can be locked"};
  if (locks.ok()) return finding;
  finding.found = std::string(locks.message());
  if (absl::IsUnimplemented(locks)) {
    finding.found = "not tried: this file system has no files without a name";
    return finding;
  }
  finding.result = Result::kError;
  finding.advice =
      "a running session is known by its lock: set CSA_STATE_DIR to a local "
      "disk with room on it";
  return finding;
}

std::vector<Finding> CheckStore() {
  const absl::StatusOr<std::string> path = StateDirectory();
  if (!path.ok()) return {BadStore(path.status())};
  const absl::StatusOr<SessionStore> store = SessionStore::Open();
  Finding state = {.check = "state_directory", .found = *path};
  if (absl::IsNotFound(store.status())) {
    absl::StrAppend(&state.found, ", which the first session makes");
    return CheckPlace(NearestExisting(absl::StrCat(*path, "/sessions")), state);
  }
  if (!store.ok()) return {BadStore(store.status())};
  std::vector<Finding> findings = CheckPlace(store->path(), state);
  findings.push_back(JudgeSessions(Count(*store)));
  return findings;
}

}  // namespace csa
