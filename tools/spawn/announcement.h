// What is said of a session that has been started.

#ifndef CSA_TOOLS_SPAWN_ANNOUNCEMENT_H_
#define CSA_TOOLS_SPAWN_ANNOUNCEMENT_H_

#include <string>

#include "tools/spawn/spawn.h"

namespace csa {

// {"session_id":…,"pid":…,"dir":…,"wait_cmd":…,"attach_cmd":…,"kill_cmd":…}
std::string FormatStartedJson(const StartedSession& session);

// <!-- CSA:SESSION_STARTED id=… pid=… dir="…" wait_cmd="…" … -->
std::string FormatStartedDirective(const StartedSession& session);

// Prints the id, or the JSON object, as the result, and the directive beside
// it.
void Announce(const StartedSession& session);

}  // namespace csa

#endif  // CSA_TOOLS_SPAWN_ANNOUNCEMENT_H_
