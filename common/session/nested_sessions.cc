#include "common/session/nested_sessions.h"

#include <fcntl.h>

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/session_variables.h"
#include "common/os/file_lock.h"
#include "common/session/session_directory.h"

namespace csa {

bool NestedSessions::IsSupervisor(const ProcessStat& process) {
  const std::pair<pid_t, uint64_t> key(process.pid, process.start_ticks);
  if (known_.contains(key)) return true;
  const std::optional<std::string> directory =
      VariableOf(process.pid, kSessionDirVariable);
  if (!directory.has_value() || !absl::StartsWith(*directory, "/")) {
    return false;
  }
  const absl::StatusOr<UniqueFd> lock = OpenUnlessSame(
      AT_FDCWD, absl::StrCat(*directory, "/", kLockFile), own_lock_);
  if (!lock.ok()) return false;
  const absl::StatusOr<std::optional<pid_t>> holder =
      WriteLockHolder(lock->get());
  if (!holder.ok() || *holder != process.pid) return false;
  known_.insert(key);
  return true;
}

}  // namespace csa
