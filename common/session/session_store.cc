#include "common/session/session_store.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/session_variables.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"

namespace csa {
namespace {

// What ends the name of a hidden directory that is being removed.
constexpr absl::string_view kDiscarded = ".gc";

// The value of an environment variable; "" when it is not set.
std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::Status InStore(const absl::Status& status) {
  return Named("the sessions are not accessible", status);
}

// The session whose name in the store is `name`: its id in upper case.
absl::StatusOr<SessionId> ParseName(absl::string_view name) {
  CSA_ASSIGN_OR_RETURN(const SessionId id, SessionId::Parse(name));
  if (id.text() == name) return id;
  return absl::NotFoundError("no name of a session");
}

// The state directory as the environment names it.
absl::StatusOr<std::string> NamedStateDirectory() {
  std::string own = Environment("CSA_STATE_DIR");
  if (!own.empty()) {
    if (own.front() == '/') return own;
    return absl::InvalidArgumentError(absl::StrCat(
        "CSA_STATE_DIR is '", own, "', which is no absolute path"));
  }
  const std::string xdg = Environment("XDG_STATE_HOME");
  if (absl::StartsWith(xdg, "/")) return absl::StrCat(xdg, "/csa");
  const std::string home = Environment("HOME");
  if (absl::StartsWith(home, "/")) {
    return absl::StrCat(home, "/.local/state/csa");
  }
  return absl::FailedPreconditionError(
      "no place to keep sessions is known: set HOME, or CSA_STATE_DIR to an "
      "absolute path");
}

}  // namespace

absl::StatusOr<std::string> StateDirectory() {
  CSA_ASSIGN_OR_RETURN(std::string path, NamedStateDirectory());
  if (path.size() <= kMaxStatePath) return path;
  return absl::InvalidArgumentError(absl::StrCat(
      "the path of the state directory is ", path.size(),
      " bytes long, and at most ", kMaxStatePath, " are possible: set ",
      "CSA_STATE_DIR to a shorter one than ", path));
}

absl::StatusOr<SessionStore> SessionStore::Open() {
  CSA_ASSIGN_OR_RETURN(const std::string state, StateDirectory());
  std::string path = absl::StrCat(state, "/sessions");
  // Whoever may write to the state directory could put another in place of the
  // sessions. A symbolic link that the user has put there is followed.
  absl::StatusOr<UniqueFd> parent =
      OpenOwnDirectory(AT_FDCWD, absl::StrCat(state, "/."));
  const absl::Status none =
      absl::NotFoundError(absl::StrCat("there are no sessions in ", state));
  if (absl::IsNotFound(parent.status())) return none;
  if (!parent.ok()) return InStore(parent.status());
  absl::StatusOr<UniqueFd> fd = OpenOwnDirectory(parent->get(), "sessions");
  if (absl::IsNotFound(fd.status())) return none;
  if (!fd.ok()) return InStore(fd.status());
  return SessionStore(*std::move(fd), std::move(path));
}

absl::StatusOr<SessionStore> SessionStore::OpenOrMake() {
  absl::StatusOr<SessionStore> store = Open();
  if (!absl::IsNotFound(store.status())) return store;
  CSA_ASSIGN_OR_RETURN(const std::string state, StateDirectory());
  const absl::Status made = MakeDirectories(absl::StrCat(state, "/sessions"));
  if (!made.ok()) return CannotKeep(state, made);
  return Open();
}

absl::StatusOr<SessionDirectory> SessionStore::Find(
    absl::string_view reference) const {
  if (reference == "latest") {
    CSA_ASSIGN_OR_RETURN(const SessionId id, FindLatest());
    return OpenVisible(id);
  }
  CSA_ASSIGN_OR_RETURN(const std::string part, ParsePartOfSessionId(reference));
  CSA_ASSIGN_OR_RETURN(const SessionId id, part.size() == SessionId::kLength
                                               ? SessionId::Parse(part)
                                               : FindByPart(part));
  return OpenVisible(id);
}

absl::StatusOr<SessionDirectory> SessionStore::OpenVisible(
    const SessionId& id) const {
  return SessionDirectory::Open(fd_.get(), id, id.text(), path_);
}

absl::Status SessionStore::VisitNewestFirst(
    absl::FunctionRef<bool(const SessionId&)> visit) const {
  std::vector<SessionId> ids;
  CSA_RETURN_IF_ERROR(ListDirectory(fd_.get(), [&](absl::string_view name) {
    const absl::StatusOr<SessionId> id = ParseName(name);
    if (id.ok()) ids.push_back(*id);
    return true;
  }));
  // Mostly the first few are enough.
  std::make_heap(ids.begin(), ids.end());
  for (auto end = ids.end(); end != ids.begin(); --end) {
    std::pop_heap(ids.begin(), end);
    if (!visit(*(end - 1))) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<SessionId> SessionStore::FindByPart(
    absl::string_view part) const {
  std::vector<SessionId> found;
  CSA_RETURN_IF_ERROR(ListDirectory(fd_.get(), [&](absl::string_view name) {
    if (absl::StartsWith(name, part) || absl::EndsWith(name, part)) {
      const absl::StatusOr<SessionId> id = ParseName(name);
      if (id.ok()) found.push_back(*id);
    }
    return true;
  }));
  if (found.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no such session: ", part, " (in ", path_, ")"));
  }
  if (found.size() == 1) return found[0];
  constexpr size_t kShown = 5;
  const size_t count = found.size();
  found.resize(std::min(count, kShown), found[0]);
  const auto text = [](std::string* out, const SessionId& id) {
    out->append(id.text());
  };
  return absl::InvalidArgumentError(
      absl::StrCat("'", part, "' is part of the ids of ", count, " sessions (",
                   absl::StrJoin(found, ", ", text),
                   count > kShown ? ", …" : "", "): give more of it"));
}

absl::StatusOr<SessionId> SessionStore::FindLatest() const {
  const std::string parent = CallersSession();
  std::optional<SessionId> latest;
  CSA_RETURN_IF_ERROR(VisitNewestFirst([&](const SessionId& id) {
    const absl::StatusOr<SessionDirectory> session = OpenVisible(id);
    if (!session.ok()) return true;
    const absl::StatusOr<SessionSpec> spec = session->ReadSpec();
    if (spec.ok() && spec->parent == parent) latest = id;
    return !latest.has_value();
  }));
  if (latest.has_value()) return *latest;
  return absl::NotFoundError(
      absl::StrCat("no session has been started from ",
                   parent.empty() ? "outside any session" : "this session",
                   " (in ", path_, ")"));
}

absl::StatusOr<SessionDirectory> SessionStore::MakeHidden(
    const SessionId& id) const {
  const absl::Status made = MakeDirectoryAt(fd_.get(), HiddenName(id));
  if (!made.ok()) return CannotKeep(path_, made);
  return OpenHidden(id);
}

absl::Status SessionStore::RemoveHidden(const SessionId& id) const {
  return RemoveTree(fd_.get(), HiddenName(id));
}

absl::StatusOr<SessionStore::Contents> SessionStore::List() const {
  std::vector<std::string> names;
  CSA_RETURN_IF_ERROR(ListDirectory(fd_.get(), [&](absl::string_view name) {
    names.emplace_back(name);
    return true;
  }));
  std::sort(names.begin(), names.end());
  Contents contents;
  for (const std::string& name : names) {
    absl::string_view text = name;
    const bool hidden = absl::ConsumePrefix(&text, ".");
    const bool discarded = hidden && absl::ConsumeSuffix(&text, kDiscarded);
    const absl::StatusOr<SessionId> id = ParseName(text);
    if (!id.ok()) continue;
    (discarded ? contents.discarded
     : hidden  ? contents.hidden
               : contents.sessions)
        .push_back(*id);
  }
  return contents;
}

absl::StatusOr<SessionDirectory> SessionStore::OpenHidden(
    const SessionId& id) const {
  return SessionDirectory::Open(fd_.get(), id, HiddenName(id), path_);
}

absl::Status SessionStore::Discard(const SessionId& id) const {
  const std::string discarded = DiscardedName(id);
  absl::Status renamed = RenameNoReplace(fd_.get(), HiddenName(id), discarded);
  if (!renamed.ok() && !absl::IsNotFound(renamed)) return renamed;
  return Named(absl::StrCat(path_, "/", discarded),
               RemoveTree(fd_.get(), discarded));
}

absl::Status SessionStore::Remove(const SessionId& id) const {
  const std::string discarded = DiscardedName(id);
  CSA_RETURN_IF_ERROR(RenameNoReplace(fd_.get(), id.text(), discarded));
  return Named(absl::StrCat(path_, "/", discarded),
               RemoveTree(fd_.get(), discarded));
}

absl::StatusOr<int64_t> SessionStore::DiskUsageOf(
    const std::string& name) const {
  return DiskUsage(fd_.get(), name);
}

absl::Status CannotKeep(absl::string_view place, const absl::Status& status) {
  // It would be so elsewhere.
  if (absl::IsAlreadyExists(status) || absl::IsResourceExhausted(status)) {
    return Named(place, status);
  }
  return {
      status.code(),
      absl::StrCat("no session can be kept in ", place, ": ", status.message(),
                   "; make room or make it writable, or set CSA_STATE_DIR "
                   "to a directory elsewhere")};
}

std::string CallersSession() { return Environment(kSessionIdVariable); }

std::string HiddenName(const SessionId& id) {
  return absl::StrCat(".", id.text());
}

std::string DiscardedName(const SessionId& id) {
  return absl::StrCat(HiddenName(id), kDiscarded);
}

}  // namespace csa
