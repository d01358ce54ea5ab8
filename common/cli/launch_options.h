// The options by which a session is started, the same for all tools that start
// one.

#ifndef CSA_COMMON_CLI_LAUNCH_OPTIONS_H_
#define CSA_COMMON_CLI_LAUNCH_OPTIONS_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace csa {

struct LaunchOptions {
  // The id that the session is to have; "" for a new one. For a caller that
  // must know it even if it is killed while the session is started.
  std::string id;
  std::string tool;
  std::string model;
  std::string access;
  std::string description;
  std::optional<absl::Duration> timeout;
  std::optional<absl::Duration> idle_timeout;
  std::optional<int64_t> memory_max;  // bytes
  std::map<std::string, std::string> labels;
  // Name and value; of two with one name, the later one counts.
  std::vector<std::pair<std::string, std::string>> environment;

  friend bool operator==(const LaunchOptions&, const LaunchOptions&) = default;
};

// What the command line gave, but for the tool, its model and its access:
// agent_options.h. A usage error when an --env or --label is not
// K=V, or an --env names a variable that csa sets itself.
absl::StatusOr<LaunchOptions> GetLaunchOptions();

// The options as arguments from which GetAgentOptions makes the same again.
std::vector<std::string> FormatLaunchOptions(const LaunchOptions& options);

}  // namespace csa

#endif  // CSA_COMMON_CLI_LAUNCH_OPTIONS_H_
