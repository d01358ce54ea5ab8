#include "tools/kill/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/json.h"
#include "common/cli/output.h"
#include "common/session/session_report.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

absl::string_view OutcomeName(Ending::Outcome outcome) {
  switch (outcome) {
    case Ending::Outcome::kEnded:
      return "ended";
    case Ending::Outcome::kAlreadyEnded:
      return "already_ended";
    case Ending::Outcome::kStillAlive:
      return "still_alive";
  }
  return "unknown";
}

}  // namespace

std::string FormatEnding(const SessionId& id, const Ending& ending) {
  return absl::StrCat(
      id.text(), " ",
      absl::StrReplaceAll(OutcomeName(ending.outcome), {{"_", " "}}));
}

std::string FormatEndingJson(const SessionId& id, const Ending& ending) {
  return FormatJson(Json{{"session_id", id.text()},
                         {"outcome", std::string(OutcomeName(ending.outcome))},
                         {"strays", ending.strays}});
}

std::vector<std::string> DescribeLeftovers(const SessionId& id,
                                           const Ending& ending) {
  std::vector<std::string> lines;
  for (const ProcessStat& process : ending.alive) {
    lines.push_back(DescribeAlive(process));
  }
  if (ending.lost) {
    lines.push_back(absl::StrCat(
        "session ", id.text(), " was lost: its supervisor had died. ",
        ending.uncertain
            ? "Whatever carried the session's id has been looked "
              "for; a process that had cleared its environment, or "
              "whose environment may not be read, could not be "
              "found"
            : "Nothing is left in its cgroup"));
  }
  return lines;
}

void PrintEnding(const SessionId& id, const Ending& ending) {
  PrintResult(Format() == OutputFormat::kJson ? FormatEndingJson(id, ending)
                                              : FormatEnding(id, ending));
  // RunTool hears of it when that fails again.
  static_cast<void>(FlushResult());
  for (const std::string& line : DescribeLeftovers(id, ending)) {
    PrintNotice(line);
  }
}

std::string DescribeSpared(const SessionId& id) {
  return absl::StrCat("session ", id.text(),
                      " goes on: this command runs in it. Name it to end it");
}

}  // namespace csa
