#include "tools/spawn/conversation_options.h"

#include <string>

#include "absl/flags/flag.h"

ABSL_FLAG(std::string, conversation, "",
          "ID|what the command calls the conversation that it has");
ABSL_FLAG(std::string, continues, "",
          "ID|the session whose conversation goes on in this one");

namespace csa {

Conversation GetConversation() {
  return {.id = absl::GetFlag(FLAGS_conversation),
          .continues = absl::GetFlag(FLAGS_continues)};
}

}  // namespace csa
