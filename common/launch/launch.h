// Starting sessions from a tool: csa-spawn does it.

#ifndef CSA_COMMON_LAUNCH_LAUNCH_H_
#define CSA_COMMON_LAUNCH_LAUNCH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cli/exit_status.h"
#include "common/cli/output.h"
#include "common/session/session_id.h"

namespace csa {

// Becomes csa-spawn, with `prompt` as its standard input. Returns only an
// error. `spawn_arguments` begin with its path.
absl::Status LaunchDaemon(const std::vector<std::string>& spawn_arguments,
                          absl::string_view prompt);

// Starts the session in the same way, then becomes csa-attach, with `format`:
// SIGINT, SIGTERM and SIGHUP end the session from the moment it is started.
// Returns csa-spawn's exit status when that failed, else only an error.
absl::StatusOr<ExitStatus> LaunchAttached(
    const std::vector<std::string>& spawn_arguments, absl::string_view prompt,
    OutputFormat format);

// The one or the other, as --no-daemon says, an option of every tool that has
// this library; in the format that the caller asked for.
absl::StatusOr<ExitStatus> Launch(
    const std::vector<std::string>& spawn_arguments, absl::string_view prompt);

// Whether the caller asked for --no-daemon.
bool StaysAttached();

// Starts a session by csa-run, with `options` and `prompt`, below the one that
// the caller runs in, and blocks until it runs. FailedPrecondition, with what
// csa-run said and its exit status, where it failed; then there may be a
// session all the same, if it could not print the id.
absl::StatusOr<SessionId> StartNested(const std::vector<std::string>& options,
                                      absl::string_view prompt);

// The same for the command `argv`, by csa-spawn. It has nothing to read.
absl::StatusOr<SessionId> StartNestedCommand(
    const std::vector<std::string>& options,
    const std::vector<std::string>& argv);

}  // namespace csa

#endif  // CSA_COMMON_LAUNCH_LAUNCH_H_
