#include "tools/review/report.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/json.h"
#include "common/base/utf8.h"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Opinion> OpinionsOf(const Review& review) {
  std::vector<Opinion> opinions;
  for (const Reviewer& reviewer : review.reviewers) {
    opinions.push_back(reviewer.opinion);
  }
  return opinions;
}

std::vector<std::string> NamesOf(const Review& review,
                                 const SharedFinding& shared) {
  std::vector<std::string> names;
  for (const size_t i : shared.stated_by) {
    names.push_back(FormatTierTool(review.reviewers[i].agent));
  }
  return names;
}

// What an agent has written, as it can be shown on one line of a terminal.
std::string Line(absl::string_view text) { return EscapeForDisplay(text); }

std::string PlaceOf(const Finding& finding) {
  return finding.line.has_value()
             ? absl::StrCat(Line(finding.file), ":", *finding.line)
             : Line(finding.file);
}

// A path as a URI reference: RFC 3986, section 3.3.
std::string UriOf(absl::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                       absl::StrContains("-._~/", c);
    absl::StrAppend(
        &uri, plain ? std::string(1, c)
                    : absl::StrFormat("%%%02X", static_cast<unsigned char>(c)));
  }
  return uri;
}

absl::string_view SarifLevel(absl::string_view severity) {
  if (severity == "low") return "note";
  return severity == "medium" ? "warning" : "error";
}

Json SarifResult(const Review& review, const SharedFinding& shared) {
  const Finding& finding = shared.finding;
  Json place = {{"artifactLocation", {{"uri", UriOf(finding.file)}}}};
  if (finding.line.has_value()) {
    place["region"] = {{"startLine", *finding.line}};
  }
  Json result = {
      {"ruleId", "review"},
      {"level", SarifLevel(finding.severity)},
      {"message",
       {{"text", absl::StrCat(finding.title, "\n", finding.detail)}}},
      {"properties",
       {{"severity", finding.severity},
        {"reviewers", NamesOf(review, shared)}}},
  };
  if (!finding.file.empty()) {
    result["locations"] = Json::array({{{"physicalLocation", place}}});
  }
  return result;
}

}  // namespace

Verdict VerdictOf(const Review& review) {
  const Verdict verdict = Agree(review.consensus, OpinionsOf(review));
  return verdict == Verdict::kClean && review.cut ? Verdict::kUncertain
                                                  : verdict;
}

std::string FormatReviewText(const Review& review) {
  std::vector<std::string> lines = {absl::StrCat(
      "verdict: ", VerdictName(VerdictOf(review)), ", on ", Line(review.what))};
  if (review.cut) {
    lines.push_back(
        "The change could not be shown whole, so that it is not clean.");
  }
  for (const Reviewer& reviewer : review.reviewers) {
    const Opinion& opinion = reviewer.opinion;
    lines.push_back(absl::StrCat(
        "  ", Line(FormatTierTool(reviewer.agent)), ": ",
        VerdictName(opinion.verdict),
        opinion.reason.empty() ? ""
                               : absl::StrCat(" (", Line(opinion.reason), ")"),
        reviewer.session.empty()
            ? ""
            : absl::StrCat(", session ", reviewer.session)));
  }
  for (const SharedFinding& shared : Gather(OpinionsOf(review))) {
    const Finding& finding = shared.finding;
    lines.push_back("");
    lines.push_back(absl::StrCat(
        finding.severity, "  ", PlaceOf(finding), "  ", Line(finding.title),
        "  [", Line(absl::StrJoin(NamesOf(review, shared), ", ")), "]"));
    for (const absl::string_view line : absl::StrSplit(finding.detail, '\n')) {
      if (!line.empty()) lines.push_back(absl::StrCat("    ", Line(line)));
    }
  }
  return absl::StrJoin(lines, "\n");
}

std::string FormatReviewJson(const Review& review) {
  Json reviewers = Json::array();
  for (const Reviewer& reviewer : review.reviewers) {
    reviewers.push_back({{"session_id", OrNull(reviewer.session)},
                         {"tool", reviewer.agent.tool},
                         {"model", OrNull(reviewer.agent.model)},
                         {"verdict", VerdictName(reviewer.opinion.verdict)},
                         {"reason", OrNull(reviewer.opinion.reason)}});
  }
  Json findings = Json::array();
  for (const SharedFinding& shared : Gather(OpinionsOf(review))) {
    const Finding& finding = shared.finding;
    findings.push_back({{"severity", finding.severity},
                        {"file", finding.file},
                        {"line", OrNull(finding.line)},
                        {"title", finding.title},
                        {"detail", finding.detail},
                        {"reviewers", NamesOf(review, shared)}});
  }
  return FormatJson({{"verdict", VerdictName(VerdictOf(review))},
                     {"what", review.what},
                     {"cut", review.cut},
                     {"consensus", AbslUnparseFlag(review.consensus)},
                     {"reviewers", std::move(reviewers)},
                     {"findings", std::move(findings)}});
}

std::string FormatReviewSarif(const Review& review) {
  Json results = Json::array();
  for (const SharedFinding& shared : Gather(OpinionsOf(review))) {
    results.push_back(SarifResult(review, shared));
  }
  const Verdict verdict = VerdictOf(review);
  const Json rule = {
      {"id", "review"},
      {"shortDescription", {{"text", "What a reviewing agent found"}}}};
  const Json run = {
      {"tool",
       {{"driver", {{"name", "csa-review"}, {"rules", Json::array({rule})}}}}},
      {"invocations", Json::array({{{"executionSuccessful",
                                     verdict != Verdict::kUncertain}}})},
      {"results", std::move(results)},
      {"properties", {{"verdict", VerdictName(verdict)}}},
  };
  return FormatJson(
      {{"$schema",
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
        "sarif-schema-2.1.0.json"},
       {"version", "2.1.0"},
       {"runs", Json::array({run})}});
}

}  // namespace csa
