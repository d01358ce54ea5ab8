// The options of csa-spawn that say which conversation the command goes on
// with.

#ifndef CSA_TOOLS_SPAWN_CONVERSATION_OPTIONS_H_
#define CSA_TOOLS_SPAWN_CONVERSATION_OPTIONS_H_

#include "tools/spawn/spawn.h"

namespace csa {

// From --conversation and --continues. They are recorded, and no more.
Conversation GetConversation();

}  // namespace csa

#endif  // CSA_TOOLS_SPAWN_CONVERSATION_OPTIONS_H_
