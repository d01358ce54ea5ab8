// Starting a session.

#ifndef CSA_TOOLS_SPAWN_SPAWN_H_
#define CSA_TOOLS_SPAWN_SPAWN_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cli/launch_options.h"
#include "common/session/session_id.h"

namespace csa {

// What becomes of the standard input of csa-spawn.
struct PromptOptions {
  bool capture = false;  // it is stored as prompt.txt
  // The command's standard input is the prompt, not /dev/null.
  bool to_stdin = false;
  // The argument of the command (0 is its name) that is replaced by the path of
  // prompt.txt.
  std::optional<size_t> to_argument;
};

// The conversation that an agent has in the session.
struct Conversation {
  std::string id;  // as the agent calls it; empty where that is not known
  // The id of the session that it goes on from; empty where it begins.
  std::string continues;
};

struct StartedSession {
  SessionId id;
  pid_t supervisor;
  std::string directory;
};

// Starts `argv` as a session in the working directory and waits until its
// command is running: whoever learns the id from here can wait for it and end
// it. A session that could not be started leaves nothing behind; where its
// command could not be executed, the error has its exit status (126, 127).
// `ends_nested` is that of SessionSpec.
absl::StatusOr<StartedSession> StartSession(std::vector<std::string> argv,
                                            const LaunchOptions& options,
                                            const PromptOptions& prompt,
                                            const Conversation& conversation,
                                            bool ends_nested);

}  // namespace csa

#endif  // CSA_TOOLS_SPAWN_SPAWN_H_
