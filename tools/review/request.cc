#include "tools/review/request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/options.h"
#include "common/launch/family.h"
#include "common/launch/own_session.h"
#include "tools/review/prompt.h"
#include "tools/review/reviewers.h"
#include "tools/review/verdict_schema.h"

ABSL_FLAG(bool, diff, false,
          "review what is not committed, new files among it; the default");
ABSL_FLAG(std::string, commit, "", "REV|review one commit");
ABSL_FLAG(std::string, range, "",
          "RANGE|review what git diff shows for RANGE: A...B");
ABSL_FLAG(csa::OptionalValue, branch, {},
          "[=BASE]|review what the branch has since it left BASE, which is "
          "origin/HEAD, main or master");
ABSL_FLAG(bool, files, false, "review the files that are named, whole");
ABSL_FLAG(csa::RepeatedOption, reviewer, {},
          "AGENT|have AGENT review, of whatever family: TOOL or TOOL:MODEL "
          "(repeatable)");
ABSL_FLAG(int, reviewers, -1, "N|have N agents review; 1 unless given");
ABSL_FLAG(csa::Consensus, consensus, csa::Consensus::kMajority,
          "HOW|majority, unanimous or any: when several agree; any: one that "
          "finds something is enough");
ABSL_FLAG(csa::ReviewFormat, output, csa::ReviewFormat::kText,
          "FORMAT|text, json or sarif: how the session prints the review");
// What csa-review says to itself, in the session.
ABSL_FLAG(std::string, what, "", "");
ABSL_FLAG(bool, cut, false, "");

namespace csa {
namespace {

constexpr std::array<std::pair<absl::string_view, ReviewFormat>, 3> kFormats = {
    {{"text", ReviewFormat::kText},
     {"json", ReviewFormat::kJson},
     {"sarif", ReviewFormat::kSarif}}};

absl::StatusOr<Change> FindChange(const Operands& files) {
  const std::string commit = absl::GetFlag(FLAGS_commit);
  const std::string range = absl::GetFlag(FLAGS_range);
  const OptionalValue branch = absl::GetFlag(FLAGS_branch);
  const bool whole = absl::GetFlag(FLAGS_files);
  const int asked = (absl::GetFlag(FLAGS_diff) ? 1 : 0) +
                    (commit.empty() ? 0 : 1) + (range.empty() ? 0 : 1) +
                    (branch.given ? 1 : 0) + (whole ? 1 : 0);
  if (asked > 1) {
    return UsageError(
        "one of --diff, --commit, --range, --branch and --files, please");
  }
  if (whole) return WholeFiles(files);
  if (!files.empty()) {
    return UsageError(absl::StrCat("what is '", files[0],
                                   "'? Files are reviewed with --files"));
  }
  if (!commit.empty()) return CommittedChange(commit);
  if (!range.empty()) return RangeOfChanges(range);
  return branch.given ? BranchChange(branch.value) : UncommittedChange();
}

absl::StatusOr<std::vector<TierTool>> FindReviewers(
    const Configuration& configuration, std::vector<std::string>& notes) {
  const std::string family = CallersFamily(configuration.tools);
  const std::vector<std::string> named = absl::GetFlag(FLAGS_reviewer).values;
  const int count = absl::GetFlag(FLAGS_reviewers);
  const bool counted = count != -1;
  if ((counted && (count < 1 || count > kMaxReviewers)) ||
      named.size() > kMaxReviewers) {
    return UsageError(
        absl::StrCat("there can be 1 to ", kMaxReviewers, " reviewers"));
  }
  if (named.empty()) {
    return ChooseReviewers(configuration, family, std::max(count, 1));
  }
  if (counted) {
    return UsageError("give --reviewers or --reviewer, not both");
  }
  return NamedReviewers(configuration, family, named, notes);
}

}  // namespace

bool AbslParseFlag(absl::string_view text, ReviewFormat* format,
                   std::string* error) {
  for (const auto& [name, value] : kFormats) {
    if (text == name) *format = value;
    if (text == name) return true;
  }
  *error = "it is text, json or sarif";
  return false;
}

std::string AbslUnparseFlag(ReviewFormat format) {
  for (const auto& [name, value] : kFormats) {
    if (format == value) return std::string(name);
  }
  return "unknown";
}

absl::StatusOr<Request> ResolveRequest(const Configuration& configuration,
                                       const Operands& files) {
  Request request = {.format = absl::GetFlag(FLAGS_output)};
  CSA_ASSIGN_OR_RETURN(const std::vector<TierTool> reviewers,
                       FindReviewers(configuration, request.notes));
  CSA_ASSIGN_OR_RETURN(const Change change, FindChange(files));
  request.review = {.what = change.what,
                    .cut = change.cut,
                    .consensus = absl::GetFlag(FLAGS_consensus)};
  for (const TierTool& reviewer : reviewers) {
    request.review.reviewers.push_back({.agent = reviewer});
  }
  if (change.cut) {
    request.notes.push_back(absl::StrCat(
        change.what, " cannot be shown whole, for they are longer than ",
        kMaxChangeBytes >> 10,
        " KiB or have files that git cannot show: the verdict will not be "
        "clean"));
  }
  request.prompt = ReviewPrompt(change, kVerdictSchema);
  return request;
}

absl::StatusOr<std::vector<std::string>> SpawnArguments(
    const Request& request, const LaunchOptions& options) {
  LaunchOptions described = options;
  if (described.description.empty()) {
    described.description = absl::StrCat("review of ", request.review.what);
  }
  std::vector<std::string> arguments = {
      "--conduct", absl::StrCat("--what=", request.review.what),
      absl::StrCat("--consensus=", AbslUnparseFlag(request.review.consensus)),
      absl::StrCat("--output=", AbslUnparseFlag(request.format))};
  if (request.review.cut) arguments.emplace_back("--cut");
  for (const Reviewer& reviewer : request.review.reviewers) {
    arguments.push_back(
        absl::StrCat("--reviewer=", FormatTierTool(reviewer.agent)));
  }
  return OwnSessionArguments("review", arguments, described);
}

absl::StatusOr<Request> ConductedRequest() {
  Request request = {.review = {.what = absl::GetFlag(FLAGS_what),
                                .cut = absl::GetFlag(FLAGS_cut),
                                .consensus = absl::GetFlag(FLAGS_consensus)},
                     .format = absl::GetFlag(FLAGS_output)};
  for (const std::string& name : absl::GetFlag(FLAGS_reviewer).values) {
    request.review.reviewers.push_back({.agent = ParseTierTool(name)});
  }
  if (!request.review.reviewers.empty()) return request;
  return UsageError("--conduct is for csa-review alone");
}

}  // namespace csa
