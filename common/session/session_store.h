// Where sessions are kept, and how they are found.

#ifndef CSA_COMMON_SESSION_SESSION_STORE_H_
#define CSA_COMMON_SESSION_SESSION_STORE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/os/unique_fd.h"
#include "common/session/session_directory.h"
#include "common/session/session_id.h"

namespace csa {

// The longest path of a state directory in bytes: those of the files in it must
// fit into PATH_MAX.
inline constexpr size_t kMaxStatePath = 4096 - 64;

// The path of the state directory: $CSA_STATE_DIR, else $XDG_STATE_HOME/csa,
// else ~/.local/state/csa. FailedPrecondition when none of them is known;
// InvalidArgument when CSA_STATE_DIR is no absolute path, or the path is longer
// than kMaxStatePath. A relative XDG_STATE_HOME is ignored: XDG Base Directory
// Specification 0.8.
absl::StatusOr<std::string> StateDirectory();

// The directory `sessions` in the state directory.
class SessionStore {
 public:
  // Opens it. NotFound when there is none yet; PermissionDenied unless it, and
  // the state directory, are the caller's own and closed to others.
  static absl::StatusOr<SessionStore> Open();

  // The same, but makes it when there is none.
  static absl::StatusOr<SessionStore> OpenOrMake();

  // The session that `reference` means: an id, a part of one (4 characters or
  // more from its beginning or its end, in either case) that no other session
  // shares, or "latest". NotFound, or InvalidArgument where it is malformed or
  // ambiguous.
  absl::StatusOr<SessionDirectory> Find(absl::string_view reference) const;

  // Makes the directory of a new session, hidden as ".<id>".
  absl::StatusOr<SessionDirectory> MakeHidden(const SessionId& id) const;

  // Removes the hidden directory of `id`, if there is one.
  absl::Status RemoveHidden(const SessionId& id) const;

  // Calls `visit` with the id of each session that can be seen, the newest
  // first, until it returns false. Reads all names before, and no more.
  absl::Status VisitNewestFirst(
      absl::FunctionRef<bool(const SessionId&)> visit) const;

  // The session `id`. NotFound when there is none.
  absl::StatusOr<SessionDirectory> OpenVisible(const SessionId& id) const;

  // All that is in the store, each list from the oldest to the newest.
  struct Contents {
    std::vector<SessionId> sessions;   // those that can be seen
    std::vector<SessionId> hidden;     // being made, or left half made
    std::vector<SessionId> discarded;  // being removed, or left half removed
  };
  absl::StatusOr<Contents> List() const;

  // The hidden directory of `id`. NotFound when there is none.
  absl::StatusOr<SessionDirectory> OpenHidden(const SessionId& id) const;

  // Removes the hidden directory of `id` so that nobody can take it for one
  // that is being made meanwhile, and what was left of it when somebody else
  // began with that. OK when there is nothing to remove.
  absl::Status Discard(const SessionId& id) const;

  // Removes the session `id`, which can be seen, so that nobody ever sees it
  // half removed: it is hidden first. What a removal that was cut short has
  // left is `discarded`. NotFound when there is none.
  absl::Status Remove(const SessionId& id) const;

  // The disk space in bytes that is allocated for the directory `name`.
  // NotFound when there is none.
  absl::StatusOr<int64_t> DiskUsageOf(const std::string& name) const;

  // Absolute, ".../sessions".
  const std::string& path() const { return path_; }

 private:
  SessionStore(UniqueFd fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)) {}

  absl::StatusOr<SessionId> FindByPart(absl::string_view part) const;
  absl::StatusOr<SessionId> FindLatest() const;

  UniqueFd fd_;
  std::string path_;
};

// The error `status`, which kept a session from being made in `place`, with
// what to do about it.
absl::Status CannotKeep(absl::string_view place, const absl::Status& status);

// The session that the caller runs in, from its environment; "" in none.
std::string CallersSession();

// The names under which the session `id` stands while it is being made, and
// while it is being removed.
std::string HiddenName(const SessionId& id);
std::string DiscardedName(const SessionId& id);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_STORE_H_
