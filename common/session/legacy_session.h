// Sessions that the older csa left behind: directories without session.json.
//
// They have no lock. The process to wait for is named in a file, and is
// believed only when it carries the session's id.

#ifndef CSA_COMMON_SESSION_LEGACY_SESSION_H_
#define CSA_COMMON_SESSION_LEGACY_SESSION_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/session/session_directory.h"

namespace csa {

// A process as the files of such a session name it.
struct LegacyPid {
  pid_t pid = 0;                        // above 1
  std::optional<uint64_t> start_ticks;  // field 22 of /proc/PID/stat

  friend bool operator==(const LegacyPid&, const LegacyPid&) = default;
};

// From the content of daemon.pid: "PID" or "PID STARTTICKS". Nothing when it is
// neither, or the pid is 1 or less.
std::optional<LegacyPid> ParseLegacyPidFile(absl::string_view text);

// From the last directive "<!-- CSA:SESSION_STARTED … pid=N … -->" in `log`.
std::optional<LegacyPid> ParseLegacyDirective(absl::string_view log);

// The process of a session of the older csa, or nothing when it has ended: what
// daemon.pid names, else the directive in stderr.log. It must be alive, have
// started when the file says, and carry the session's id in its environment or
// its command line.
absl::StatusOr<std::optional<pid_t>> LegacyProcess(
    const SessionDirectory& session);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_LEGACY_SESSION_H_
