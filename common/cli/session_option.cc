#include "common/cli/session_option.h"

#include "absl/flags/flag.h"
#include "common/cli/options.h"

ABSL_FLAG(csa::RepeatedOption, session, {},
          "ID|the session: its id, 4 or more characters from the beginning or "
          "end of it, or 'latest'");

namespace csa {

std::vector<std::string> SessionReferences(const Operands& operands) {
  std::vector<std::string> references = absl::GetFlag(FLAGS_session).values;
  references.insert(references.end(), operands.begin(), operands.end());
  return references;
}

absl::StatusOr<std::string> SessionReference(const Operands& operands) {
  const std::vector<std::string> references = SessionReferences(operands);
  if (references.empty()) return UsageError("no session is named");
  if (references.size() > 1) {
    return UsageError("more than one session is named");
  }
  return references[0];
}

}  // namespace csa
