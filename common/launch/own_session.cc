#include "common/launch/own_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/process.h"

namespace csa {

absl::StatusOr<std::vector<std::string>> OwnSessionArguments(
    absl::string_view name, const std::vector<std::string>& arguments,
    const LaunchOptions& options) {
  const LaunchOptions sessions = {.tool = std::string(name),
                                  .description = options.description,
                                  .timeout = options.timeout,
                                  .labels = options.labels};
  LaunchOptions agents = options;
  agents.description.clear();
  agents.timeout.reset();
  agents.labels.clear();
  CSA_ASSIGN_OR_RETURN(std::string spawn, PathBesideExecutable("csa-spawn"));
  CSA_ASSIGN_OR_RETURN(std::string self,
                       PathBesideExecutable(absl::StrCat("csa-", name)));
  std::vector<std::string> all = {std::move(spawn)};
  const auto add = [&](const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  add(FormatLaunchOptions(sessions));
  add({"--stdin=capture", "--", std::move(self)});
  add(arguments);
  add(FormatLaunchOptions(agents));
  return all;
}

}  // namespace csa
