// The life of a session, from its start to its result.

#ifndef CSA_TOOLS_SUPERVISE_SUPERVISOR_H_
#define CSA_TOOLS_SUPERVISE_SUPERVISOR_H_

#include <string>

#include "absl/status/status.h"

namespace csa {

// Runs the session that is prepared in the hidden directory `path`
// (".../sessions/.<ID>"): locks it, makes it visible, starts its command,
// writes a newline to `ready_fd` (unless that is -1) and closes it, sees to the
// end of the command and of everything below it, publishes the result.
//
// Blocks for the life of the session. Changes the whole process: signal
// dispositions and mask, descriptors, umask, POSIX session. Single-threaded.
//
// FailedPrecondition when the directory is in use or has been. When the command
// could not be executed: what Spawn returns, with its exit status (126, 127);
// nothing is left of the session then. An error after the command has started
// is one of publishing.
absl::Status Supervise(const std::string& path, int ready_fd);

}  // namespace csa

#endif  // CSA_TOOLS_SUPERVISE_SUPERVISOR_H_
