#include "common/cli/selection_options.h"

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/cli/options.h"
#include "common/cli/pair.h"
#include "common/os/directory.h"

ABSL_FLAG(csa::RepeatedOption, label, {},
          "K=V|only those that have this label (repeatable)");
ABSL_FLAG(csa::OptionalValue, project, {},
          "[=DIR]|only those of this project, the working directory's if there "
          "is no DIR");

namespace csa {

absl::StatusOr<SelectionOptions> GetSelectionOptions() {
  SelectionOptions options;
  for (const std::string& text : absl::GetFlag(FLAGS_label).values) {
    CSA_ASSIGN_OR_RETURN(auto label, ParsePair("--label", text));
    options.labels.insert_or_assign(label.first, label.second);
  }
  const OptionalValue project = absl::GetFlag(FLAGS_project);
  if (project.given) {
    CSA_ASSIGN_OR_RETURN(options.project,
                         RealPath(project.value.empty() ? "." : project.value));
  }
  return options;
}

}  // namespace csa
