// csa-list: shows sessions, the newest first.
//
// Exit status: 0, also when there is none; 125 the usage was wrong.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/cli/duration.h"
#include "common/cli/options.h"
#include "common/cli/output.h"
#include "common/cli/pair.h"
#include "common/cli/tool.h"
#include "common/os/directory.h"
#include "common/os/process.h"
#include "common/session/session_store.h"
#include "tools/list/selection.h"
#include "tools/list/table.h"

ABSL_FLAG(bool, all, false, "list all that match, not only the newest");
ABSL_FLAG(bool, ids, false, "print ids only, one on each line");
ABSL_FLAG(csa::RepeatedOption, label, {},
          "K=V|only those that have this label (repeatable)");
ABSL_FLAG(int64_t, number, 20, "-n N|list the newest N");
ABSL_FLAG(std::string, project, "", "DIR|only those of this project");
ABSL_FLAG(csa::TimeoutOption, since, {},
          "DURATION|only those started within the last DURATION");
ABSL_FLAG(std::string, state, "",
          "STATE|only those that are running, finished, success, lost, …");
ABSL_FLAG(std::string, tool, "", "NAME|only those of this tool");
ABSL_FLAG(bool, tree, false, "put nested sessions below their parents");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-list",
    .synopsis = "",
    .summary = "Lists sessions, the newest first.",
};

constexpr std::array<absl::string_view, 10> kStates = {
    "running", "finished", "success",      "failure", "signal",
    "killed",  "timeout",  "idle_timeout", "lost",    "corrupt"};

absl::StatusOr<Selection> GetSelection(absl::Time now) {
  Selection selection = {.state = absl::GetFlag(FLAGS_state),
                         .tool = absl::GetFlag(FLAGS_tool),
                         .project = absl::GetFlag(FLAGS_project)};
  if (!selection.state.empty() && std::find(kStates.begin(), kStates.end(),
                                            selection.state) == kStates.end()) {
    return UsageError(
        absl::StrCat("--state takes one of ", absl::StrJoin(kStates, ", ")));
  }
  if (!selection.project.empty()) {
    CSA_ASSIGN_OR_RETURN(selection.project, RealPath(selection.project));
  }
  for (const std::string& text : absl::GetFlag(FLAGS_label).values) {
    CSA_ASSIGN_OR_RETURN(auto label, ParsePair("--label", text));
    selection.labels.insert_or_assign(label.first, label.second);
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

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  if (!operands.empty()) return UsageError("there are no operands");
  const absl::Time now = absl::Now();
  CSA_ASSIGN_OR_RETURN(const Selection selection, GetSelection(now));
  CSA_ASSIGN_OR_RETURN(const size_t count, GetCount());
  const absl::StatusOr<SessionStore> store = SessionStore::Open();
  if (absl::IsNotFound(store.status())) return ExitStatus::kSuccess;
  if (!store.ok()) return store.status();
  CSA_ASSIGN_OR_RETURN(const std::vector<Entry> entries,
                       SelectNewest(*store, selection, count));
  if (absl::GetFlag(FLAGS_ids)) {
    for (const Entry& entry : entries) PrintResult(entry.id.text());
  } else if (Format() == OutputFormat::kJson) {
    for (const Entry& entry : entries) PrintResult(FormatEntryJson(entry, now));
  } else {
    for (const std::string& line : FormatTable(entries, GetStyle(now))) {
      PrintResult(line);
    }
  }
  return ExitStatus::kSuccess;
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
