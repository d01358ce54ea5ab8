// Following a session to its end.

#ifndef CSA_TOOLS_ATTACH_ATTACH_H_
#define CSA_TOOLS_ATTACH_ATTACH_H_

#include "absl/status/statusor.h"
#include "common/cli/exit_status.h"
#include "common/session/session_directory.h"

namespace csa {

// What SIGINT does; with kEnd, SIGTERM and SIGHUP as well.
enum class OnSignal {
  kDetach,  // the session goes on
  kEnd,     // the session is ended
};

// Copies what `session` writes to stdout and stderr, as it comes, until it has
// ended (with --format json: nothing, but one JSON object at the end). Blocks
// that long, without polling. Returns its exit_code; kNo when it is lost; 130
// when SIGINT has detached; kNotFinished when nobody is left to read.
absl::StatusOr<ExitStatus> Attach(const SessionDirectory& session,
                                  OnSignal on_signal);

}  // namespace csa

#endif  // CSA_TOOLS_ATTACH_ATTACH_H_
