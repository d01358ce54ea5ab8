#include "tools/gc/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

absl::string_view OutcomeName(Clearing::Outcome outcome) {
  switch (outcome) {
    case Clearing::Outcome::kLost:
      return "lost";
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
  return Json{{"session_id", id.text()},
              {"outcome", std::string(OutcomeName(clearing.outcome))},
              {"strays", clearing.strays},
              {"bytes", clearing.bytes},
              {"dry_run", dry_run}}
      .dump();
}

}  // namespace csa
