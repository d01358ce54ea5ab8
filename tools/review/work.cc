#include "tools/review/work.h"

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/agent/agent_tool.h"
#include "common/agent/configuration_files.h"
#include "common/base/status_macros.h"
#include "common/cli/launch_options.h"
#include "common/cli/output.h"
#include "common/launch/ask.h"
#include "common/launch/own_session.h"
#include "common/os/file.h"
#include "common/session/session_spec.h"
#include "common/session/session_store.h"
#include "tools/review/report.h"
#include "tools/review/request.h"
#include "tools/review/verdict.h"

namespace csa {
namespace {

// Has all reviewers answer, and sets what each says. Who could not be started,
// or failed, is uncertain.
absl::Status AskReviewers(const SessionStore& store, const std::string& prompt,
                          const Configuration& configuration,
                          const LaunchOptions& options, Review& review) {
  std::vector<Question> questions;
  for (const Reviewer& reviewer : review.reviewers) {
    questions.push_back(
        QuestionFor(configuration, reviewer.agent, options,
                    absl::StrCat("review by ", reviewer.agent.tool), prompt));
  }
  CSA_ASSIGN_OR_RETURN(const std::vector<Answer> answers,
                       Ask(store, questions));
  for (size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    review.reviewers[i].session = answer.session;
    review.reviewers[i].opinion =
        answer.status.ok()
            ? OpinionOf(answer.verdict, answer.text)
            : Opinion{.reason = absl::StrCat("the reviewer failed: ",
                                             answer.status.message())};
  }
  return absl::OkStatus();
}

std::string FormatReview(ReviewFormat format, const Review& review) {
  switch (format) {
    case ReviewFormat::kText:
      return FormatReviewText(review);
    case ReviewFormat::kJson:
      return FormatReviewJson(review);
    case ReviewFormat::kSarif:
      return FormatReviewSarif(review);
  }
  return "";
}

}  // namespace

absl::StatusOr<ExitStatus> Conduct() {
  CSA_ASSIGN_OR_RETURN(Request request, ConductedRequest());
  CSA_ASSIGN_OR_RETURN(LaunchOptions options, GetLaunchOptions());
  options = AgentsOptions(std::move(options));
  CSA_ASSIGN_OR_RETURN(const Configuration configuration,
                       LoadConfiguration(BuiltinTools(), "."));
  CSA_ASSIGN_OR_RETURN(const std::string prompt,
                       ReadAll(STDIN_FILENO, kMaxPromptBytes));
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  Review& review = request.review;
  CSA_RETURN_IF_ERROR(
      AskReviewers(store, prompt, configuration, options, review));
  CSA_RETURN_IF_ERROR(WriteOutput(
      store, kVerdictFile, absl::StrCat(FormatReviewJson(review), "\n")));
  PrintResult(FormatReview(request.format, review));
  switch (VerdictOf(review)) {
    case Verdict::kClean:
      return ExitStatus::kSuccess;
    case Verdict::kFindings:
      return ExitStatus::kNo;
    case Verdict::kUncertain:
      break;
  }
  return ExitStatus::kUndecided;
}

}  // namespace csa
