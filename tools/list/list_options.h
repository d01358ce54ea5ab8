// The options of csa-list.

#ifndef CSA_TOOLS_LIST_LIST_OPTIONS_H_
#define CSA_TOOLS_LIST_LIST_OPTIONS_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/session/selection.h"
#include "tools/list/table.h"

namespace csa {

struct ListOptions {
  Selection selection;
  size_t count;
  bool ids;  // nothing but them
  TableStyle style;
};

// What the command line gave, the terminal that standard output is, and the
// environment say. `now` is the time of the list. A usage error where a value
// makes no sense.
absl::StatusOr<ListOptions> GetListOptions(absl::Time now);

}  // namespace csa

#endif  // CSA_TOOLS_LIST_LIST_OPTIONS_H_
