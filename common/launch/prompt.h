// The prompt that a tool is called with.

#ifndef CSA_COMMON_LAUNCH_PROMPT_H_
#define CSA_COMMON_LAUNCH_PROMPT_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/cli/tool.h"

namespace csa {

// The prompt: the operand, the file `prompt_file` if that is not empty, or
// standard input, for the operand "-" or where neither is given. A usage error
// when it is given twice, or standard input is a terminal; InvalidArgument when
// it is blank or longer than kMaxPromptBytes.
absl::StatusOr<std::string> ReadPrompt(const Operands& operands,
                                       const std::string& prompt_file);

}  // namespace csa

#endif  // CSA_COMMON_LAUNCH_PROMPT_H_
