// The options of csa-spawn that say what its standard input is for.

#ifndef CSA_TOOLS_SPAWN_PROMPT_OPTIONS_H_
#define CSA_TOOLS_SPAWN_PROMPT_OPTIONS_H_

#include "absl/status/statusor.h"
#include "tools/spawn/spawn.h"

namespace csa {

// From --stdin and --prompt-to. A usage error when they make no sense.
absl::StatusOr<PromptOptions> GetPromptOptions();

}  // namespace csa

#endif  // CSA_TOOLS_SPAWN_PROMPT_OPTIONS_H_
