#include "tools/list/list_options.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/cli/duration.h"
#include "common/cli/selection_options.h"
#include "common/cli/tool.h"
#include "common/os/process.h"

ABSL_FLAG(bool, all, false, "list all that match, not only the newest");
ABSL_FLAG(bool, ids, false, "print ids only, one on each line");
ABSL_FLAG(int64_t, number, 20, "-n N|list the newest N");
ABSL_FLAG(csa::TimeoutOption, since, {},
          "DURATION|only those started within the last DURATION");
ABSL_FLAG(std::string, state, "",
          "STATE|running, finished, success, failure, signal, killed, timeout, "
          "idle_timeout, lost or corrupt: only those in this state");
ABSL_FLAG(std::string, tool, "", "NAME|only those of this tool");
ABSL_FLAG(bool, tree, false, "put nested sessions below their parents");

namespace csa {
namespace {

constexpr std::array<absl::string_view, 10> kStates = {
    "running", "finished", "success",      "failure", "signal",
    "killed",  "timeout",  "idle_timeout", "lost",    "corrupt"};

absl::StatusOr<Selection> GetSelection(absl::Time now) {
  CSA_ASSIGN_OR_RETURN(SelectionOptions options, GetSelectionOptions());
  Selection selection = {.state = absl::GetFlag(FLAGS_state),
                         .tool = absl::GetFlag(FLAGS_tool),
                         .project = std::move(options.project),
                         .labels = std::move(options.labels)};
  if (!selection.state.empty() && std::find(kStates.begin(), kStates.end(),
                                            selection.state) == kStates.end()) {
    return UsageError(
        absl::StrCat("--state takes one of ", absl::StrJoin(kStates, ", ")));
  }
  const std::optional<absl::Duration> since = absl::GetFlag(FLAGS_since).value;
  if (since.has_value()) selection.since = now - *since;
  return selection;
}

absl::StatusOr<size_t> GetCount() {
  if (absl::GetFlag(FLAGS_all)) return std::numeric_limits<size_t>::max();
  const int64_t number = absl::GetFlag(FLAGS_number);
  if (number < 0) return UsageError("--number takes a number of sessions");
  return static_cast<size_t>(number);
}

TableStyle GetStyle(absl::Time now) {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  const std::optional<size_t> width = TerminalWidth(STDOUT_FILENO);
  return {.now = now,
          .width = width,
          // https://no-color.org
          .colours = width.has_value() && variable("NO_COLOR").empty() &&
                     variable("TERM") != "dumb",
          .tree = absl::GetFlag(FLAGS_tree),
          .home = variable("HOME")};
}

}  // namespace

absl::StatusOr<ListOptions> GetListOptions(absl::Time now) {
  CSA_ASSIGN_OR_RETURN(Selection selection, GetSelection(now));
  CSA_ASSIGN_OR_RETURN(const size_t count, GetCount());
  return ListOptions{.selection = std::move(selection),
                     .count = count,
                     .ids = absl::GetFlag(FLAGS_ids),
                     .style = GetStyle(now)};
}

}  // namespace csa
