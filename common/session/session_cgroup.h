// The cgroup of a session, where the system lets the user have one. Nothing
// that the session starts can leave it, whatever it does to its environment and
// its parents, but by the means of cgroups(7) themselves.

#ifndef CSA_COMMON_SESSION_SESSION_CGROUP_H_
#define CSA_COMMON_SESSION_SESSION_CGROUP_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/os/cgroup.h"
#include "common/session/session_directory.h"
#include "common/session/session_id.h"

namespace csa {

// The record that names it: an absolute path and a newline.
inline constexpr char kCgroupFile[] = "cgroup";

// The directory in which a supervisor whose own cgroup is `own` makes the one
// of its session. They lie side by side, wherever below one of them `own` is:
// what ends one touches no other.
std::string CgroupsBeside(absl::string_view own);

// Makes the cgroup of `session` and its record, and moves the caller out of
// that of an outer session, if it is in such: it must not die with it. An error
// where there can be none; the session runs without one then. `memory_limit`,
// in bytes, is for all its processes together.
absl::StatusOr<Cgroup> MakeSessionCgroup(const SessionDirectory& session,
                                         std::optional<int64_t> memory_limit);

// Where a session that the caller starts gets its cgroup.
struct CgroupPlace {
  std::string path;     // the directory
  absl::Status memory;  // why it gets no `memory_limit`, if it gets none
};

// Looks, and makes nothing. An error, with the reason, where it gets none.
absl::StatusOr<CgroupPlace> FindCgroupPlace();

// Opens the one that is recorded. NotFound when there is none, or no longer;
// DataLoss when the record names another session's.
absl::StatusOr<Cgroup> OpenSessionCgroup(const SessionDirectory& session);

// Removes the one that is recorded, if nothing is in it, and leaves the record.
void RemoveSessionCgroup(const SessionDirectory& session);

// Takes it back, with its record: the session runs without one.
absl::Status ForgetSessionCgroup(const SessionDirectory& session);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_CGROUP_H_
