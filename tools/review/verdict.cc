#include "tools/review/verdict.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/agent/answer.h"
#include "common/base/json.h"
#include "common/base/status_macros.h"

namespace csa {
namespace {

using Json = nlohmann::json;

absl::StatusOr<Finding> FindingOf(const Json& json) {
  if (!json.is_object()) {
    return absl::InvalidArgumentError("a finding is no object");
  }
  Finding finding;
  CSA_ASSIGN_OR_RETURN(finding.severity, TextAt(json, "severity"));
  CSA_ASSIGN_OR_RETURN(finding.file, TextAt(json, "file"));
  CSA_ASSIGN_OR_RETURN(finding.title, TextAt(json, "title"));
  CSA_ASSIGN_OR_RETURN(finding.detail, TextAt(json, "detail"));
  if (std::find(kSeverities.begin(), kSeverities.end(), finding.severity) ==
      kSeverities.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'severity' is none of ", absl::StrJoin(kSeverities, ", ")));
  }
  if (absl::StripAsciiWhitespace(finding.title).empty()) {
    return absl::InvalidArgumentError("'title' is empty");
  }
  const auto line = json.find("line");
  if (line == json.end()) {
    return absl::InvalidArgumentError("'line' is missing");
  }
  if (line->is_null()) return finding;
  // One beyond the range of int64_t is no line either.
  if (!line->is_number_integer() || line->get<int64_t>() < 1) {
    return absl::InvalidArgumentError("'line' is neither null nor 1 or more");
  }
  finding.line = line->get<int64_t>();
  return finding;
}

absl::StatusOr<Verdict> VerdictOf(const Json& json) {
  CSA_ASSIGN_OR_RETURN(const std::string name, TextAt(json, "verdict"));
  for (const Verdict verdict :
       {Verdict::kClean, Verdict::kFindings, Verdict::kUncertain}) {
    if (name == VerdictName(verdict)) return verdict;
  }
  return absl::InvalidArgumentError(
      "'verdict' is none of clean, findings, uncertain");
}

absl::StatusOr<Opinion> StatedIn(const Json& json) {
  if (!json.is_object()) {
    return absl::InvalidArgumentError("it is no JSON object");
  }
  Opinion opinion;
  CSA_ASSIGN_OR_RETURN(opinion.verdict, VerdictOf(json));
  const auto findings = json.find("findings");
  if (findings == json.end() || !findings->is_array()) {
    return absl::InvalidArgumentError("'findings' is missing, or no list");
  }
  for (const Json& element : *findings) {
    CSA_ASSIGN_OR_RETURN(Finding finding, FindingOf(element));
    opinion.findings.push_back(std::move(finding));
  }
  if (opinion.verdict == Verdict::kClean && !opinion.findings.empty()) {
    return absl::InvalidArgumentError("it is clean, and has findings");
  }
  if (opinion.verdict == Verdict::kFindings && opinion.findings.empty()) {
    return absl::InvalidArgumentError("it has findings, and lists none");
  }
  std::string summary;
  if (json.contains("summary")) {
    CSA_ASSIGN_OR_RETURN(summary, TextAt(json, "summary"));
  }
  if (opinion.verdict == Verdict::kUncertain) {
    opinion.reason = summary.empty() ? "the reviewer says so" : summary;
  }
  return opinion;
}

absl::StatusOr<Opinion> Read(const std::optional<std::string>& file,
                             absl::string_view answer) {
  CSA_ASSIGN_OR_RETURN(const Json json, StatedJson(file, answer, "verdict"));
  return StatedIn(json);
}

}  // namespace

absl::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kClean:
      return "clean";
    case Verdict::kFindings:
      return "findings";
    case Verdict::kUncertain:
      return "uncertain";
  }
  return "unknown";
}

Opinion OpinionOf(const std::optional<std::string>& file,
                  absl::string_view answer) {
  absl::StatusOr<Opinion> opinion = Read(file, answer);
  if (opinion.ok()) return *std::move(opinion);
  return {.reason = absl::StrCat("there is no valid verdict: ",
                                 opinion.status().message())};
}

}  // namespace csa
