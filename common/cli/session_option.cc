#include "common/cli/session_option.h"

#include <vector>

#include "absl/flags/flag.h"

ABSL_FLAG(csa::RepeatedOption, session, {},
          "ID|the session: its id, 4 or more characters from the beginning or "
          "end of it, or 'latest'");

namespace csa {

absl::StatusOr<std::string> SessionReference(const Operands& operands) {
  std::vector<std::string> references = absl::GetFlag(FLAGS_session).values;
  references.insert(references.end(), operands.begin(), operands.end());
  if (references.empty()) return UsageError("no session is named");
  if (references.size() > 1)
    return UsageError("more than one session is named");
  return references[0];
}

}  // namespace csa
