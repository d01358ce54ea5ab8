#include "tools/gc/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/base/json.h"
#include "common/cli/output.h"
#include "common/session/session_report.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

absl::string_view OutcomeName(Clearing::Outcome outcome) {
  switch (outcome) {
    case Clearing::Outcome::kLost:
      return "lost";
    case Clearing::Outcome::kEnded:
      return "ended";
    case Clearing::Outcome::kStillAlive:
      return "still_alive";
    case Clearing::Outcome::kRemoved:
      return "removed";
  }
  return "unknown";
}

}  // namespace

std::string FormatClearing(const SessionId& id, const Clearing& clearing) {
  return absl::StrCat(
      id.text(), " ",
      absl::StrReplaceAll(OutcomeName(clearing.outcome), {{"_", " "}}));
}

std::string FormatClearingJson(const SessionId& id, const Clearing& clearing,
                               bool dry_run) {
  return FormatJson(
      Json{{"session_id", id.text()},
           {"outcome", std::string(OutcomeName(clearing.outcome))},
           {"strays", clearing.strays},
           {"bytes", clearing.bytes},
           {"dry_run", dry_run}});
}

ExitStatus PrintClearing(const SessionId& id,
                         const absl::StatusOr<Clearing>& clearing,
                         bool dry_run) {
  if (!clearing.ok()) {
    PrintNotice(absl::StrCat(id.text(), ": ", clearing.status().message()));
    return ExitStatus::kFailed;
  }
  PrintResult(Format() == OutputFormat::kJson
                  ? FormatClearingJson(id, *clearing, dry_run)
                  : FormatClearing(id, *clearing));
  // At once; RunTool hears of it when that fails again.
  static_cast<void>(FlushResult());
  for (const ProcessStat& process : clearing->alive) {
    PrintNotice(DescribeAlive(process));
  }
  return clearing->alive.empty() ? ExitStatus::kSuccess : ExitStatus::kNo;
}

}  // namespace csa
