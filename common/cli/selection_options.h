// The options by which sessions are picked, the same for csa-list and csa-kill.

#ifndef CSA_COMMON_CLI_SELECTION_OPTIONS_H_
#define CSA_COMMON_CLI_SELECTION_OPTIONS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace csa {

// What a session must have been started with. What is empty excludes none.
struct SelectionOptions {
  std::map<std::string, std::string> labels;
  std::string project;  // canonical path

  bool empty() const { return labels.empty() && project.empty(); }
};

// What --label and --project gave. A usage error when a label is not K=V;
// NotFound when there is no such directory.
absl::StatusOr<SelectionOptions> GetSelectionOptions();

}  // namespace csa

#endif  // CSA_COMMON_CLI_SELECTION_OPTIONS_H_
