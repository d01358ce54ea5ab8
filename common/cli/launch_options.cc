#include "common/cli/launch_options.h"

#include <algorithm>
#include <array>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/session_variables.h"
#include "common/base/status_macros.h"
#include "common/cli/duration.h"
#include "common/cli/options.h"
#include "common/cli/pair.h"
#include "common/cli/size.h"
#include "common/cli/tool.h"

// For csa itself: launch_options.h.
ABSL_FLAG(std::string, id, "", "");
ABSL_FLAG(std::string, description, "", "TEXT|what the session is for");
ABSL_FLAG(csa::TimeoutOption, timeout, {},
          "DURATION|end the session when it has run for so long");
ABSL_FLAG(csa::TimeoutOption, idle_timeout, {},
          "DURATION|end the session when it has written nothing for so long");
ABSL_FLAG(csa::SizeOption, memory_max, {},
          "SIZE|kill in the session when all its processes use more memory "
          "than this (512M, 2G)");
ABSL_FLAG(csa::RepeatedOption, label, {},
          "K=V|a label of the session (repeatable)");
ABSL_FLAG(csa::RepeatedOption, env, {},
          "K=V|a variable for the command's environment (repeatable)");

namespace csa {

absl::StatusOr<LaunchOptions> GetLaunchOptions() {
  LaunchOptions options = {
      .id = absl::GetFlag(FLAGS_id),
      .description = absl::GetFlag(FLAGS_description),
      .timeout = absl::GetFlag(FLAGS_timeout).value,
      .idle_timeout = absl::GetFlag(FLAGS_idle_timeout).value,
      .memory_max = absl::GetFlag(FLAGS_memory_max).value,
  };
  for (const std::string& text : absl::GetFlag(FLAGS_label).values) {
    CSA_ASSIGN_OR_RETURN(auto label, ParsePair("--label", text));
    options.labels.insert_or_assign(label.first, label.second);
  }
  for (const std::string& text : absl::GetFlag(FLAGS_env).values) {
    CSA_ASSIGN_OR_RETURN(auto variable, ParsePair("--env", text));
    // A command that was told otherwise could not be found again.
    if (std::find(kSessionVariables.begin(), kSessionVariables.end(),
                  variable.first) != kSessionVariables.end()) {
      return UsageError(
          absl::StrCat("--env: ", variable.first, " is set by csa itself"));
    }
    options.environment.push_back(std::move(variable));
  }
  return options;
}

std::vector<std::string> FormatLaunchOptions(const LaunchOptions& options) {
  std::vector<std::string> arguments;
  const auto add = [&](absl::string_view option, absl::string_view value) {
    arguments.push_back(absl::StrCat(option, "=", value));
  };
  if (!options.id.empty()) add("--id", options.id);
  if (!options.tool.empty()) add("--tool", options.tool);
  if (!options.model.empty()) add("--model", options.model);
  if (!options.access.empty()) add("--access", options.access);
  if (!options.description.empty()) add("--description", options.description);
  if (options.timeout.has_value()) {
    add("--timeout", absl::FormatDuration(*options.timeout));
  }
  if (options.idle_timeout.has_value()) {
    add("--idle-timeout", absl::FormatDuration(*options.idle_timeout));
  }
  if (options.memory_max.has_value()) {
    add("--memory-max", absl::StrCat(*options.memory_max));
  }
  for (const auto& [key, value] : options.labels) {
    add("--label", absl::StrCat(key, "=", value));
  }
  for (const auto& [name, value] : options.environment) {
    add("--env", absl::StrCat(name, "=", value));
  }
  return arguments;
}

}  // namespace csa
