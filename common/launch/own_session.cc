#include "common/launch/own_session.h"

#include <cstdlib>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/options.h"
#include "common/os/process.h"
#include "common/session/caller.h"
#include "common/session/session_spec.h"

// The names of the variables that the caller gave with --env.
ABSL_FLAG(csa::RepeatedOption, env_name, {}, "");

namespace csa {
namespace {

// The agents are two levels below the caller.
absl::Status CheckDepth(absl::string_view name) {
  CSA_ASSIGN_OR_RETURN(const int depth, CallersDepth());
  if (depth + 2 <= kDeepestSession) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("sessions are nested ", depth, " deep already, a ", name,
                   " takes two levels more, and no more than ", kDeepestSession,
                   " are allowed: call it from further outside"));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> OwnSessionArguments(
    absl::string_view name, const std::vector<std::string>& arguments,
    const LaunchOptions& options) {
  CSA_RETURN_IF_ERROR(CheckDepth(name));
  const LaunchOptions sessions = {.id = options.id,
                                  .tool = std::string(name),
                                  .description = options.description,
                                  .timeout = options.timeout,
                                  .labels = options.labels,
                                  .environment = options.environment};
  LaunchOptions agents = options;
  agents.id.clear();
  agents.description.clear();
  agents.timeout.reset();
  agents.labels.clear();
  agents.environment.clear();
  CSA_ASSIGN_OR_RETURN(std::string spawn, PathBesideExecutable("csa-spawn"));
  CSA_ASSIGN_OR_RETURN(std::string self,
                       PathBesideExecutable(absl::StrCat("csa-", name)));
  std::vector<std::string> all = {std::move(spawn)};
  const auto add = [&](const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  add(FormatLaunchOptions(sessions));
  add({"--end-nested", "--stdin=capture", "--", std::move(self)});
  add(arguments);
  add(FormatLaunchOptions(agents));
  for (const auto& [variable, value] : options.environment) {
    add({absl::StrCat("--env-name=", variable)});
  }
  return all;
}

LaunchOptions AgentsOptions(LaunchOptions options) {
  for (const std::string& name : absl::GetFlag(FLAGS_env_name).values) {
    const char* const value = std::getenv(name.c_str());
    if (value != nullptr) options.environment.emplace_back(name, value);
  }
  return options;
}

}  // namespace csa
