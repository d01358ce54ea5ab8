#include "tools/spawn/prompt_options.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/cli/tool.h"

ABSL_FLAG(std::string, stdin, "null",
          "HOW|null or capture: leave standard input alone, or store it as the "
          "session's prompt");
ABSL_FLAG(std::string, prompt_to, "",
          "WHERE|where the command gets the captured prompt: stdin (the "
          "default), argument:N (its path is put in place of argument N, where "
          "0 is the command), or none");

namespace csa {

absl::StatusOr<PromptOptions> GetPromptOptions() {
  PromptOptions options;
  const std::string input = absl::GetFlag(FLAGS_stdin);
  if (input != "null" && input != "capture") {
    return UsageError("--stdin takes null or capture");
  }
  options.capture = input == "capture";
  const std::string target = absl::GetFlag(FLAGS_prompt_to);
  absl::string_view number = target;
  size_t index;
  if (target == "stdin" || (target.empty() && options.capture)) {
    options.to_stdin = true;
  } else if (absl::ConsumePrefix(&number, "argument:") &&
             absl::SimpleAtoi(number, &index)) {
    options.to_argument = index;
  } else if (!target.empty() && target != "none") {
    return UsageError("--prompt-to takes stdin, none, or argument:N");
  }
  return options;
}

}  // namespace csa
