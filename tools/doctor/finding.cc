#include "tools/doctor/finding.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "common/base/json.h"
#include "common/base/utf8.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

absl::string_view ResultName(Finding::Result result) {
  switch (result) {
    case Finding::Result::kOk:
      return "ok";
    case Finding::Result::kWarning:
      return "warning";
    case Finding::Result::kError:
      return "error";
  }
  return "unknown";
}

}  // namespace

std::string FormatFinding(const Finding& finding) {
  const std::string advice =
      finding.advice.empty() ? "" : absl::StrCat("; ", finding.advice);
  return EscapeForDisplay(
      absl::StrFormat("%-7s  %-17s  %s%s", ResultName(finding.result),
                      finding.check, finding.found, advice));
}

std::string FormatFindingJson(const Finding& finding) {
  return FormatJson(Json{{"check", finding.check},
                         {"result", std::string(ResultName(finding.result))},
                         {"found", finding.found},
                         {"advice", OrNull(finding.advice)}});
}

}  // namespace csa
