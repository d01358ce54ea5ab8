// The table that csa-list prints.

#ifndef CSA_TOOLS_LIST_TABLE_H_
#define CSA_TOOLS_LIST_TABLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/session/selection.h"

namespace csa {

struct TableStyle {
  absl::Time now;
  std::optional<size_t> width;  // in characters: longer lines are cut
  bool colours = false;
  bool tree = false;  // nested sessions stand below the ones they belong to
  std::string home;   // shown as "~"; empty for none
};

// One line for each session, in their order, below a line with the names of the
// columns; none where there is no session. No line ends with blanks or a
// newline.
std::vector<std::string> FormatTable(const std::vector<SessionEntry>& entries,
                                     const TableStyle& style);

// One line of JSON: docs/json.md.
std::string FormatEntryJson(const SessionEntry& entry, absl::Time now);

}  // namespace csa

#endif  // CSA_TOOLS_LIST_TABLE_H_
