#include "tools/debate/work.h"

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/launch_options.h"
#include "common/cli/output.h"
#include "common/launch/ask.h"
#include "common/launch/own_session.h"
#include "common/os/file.h"
#include "common/session/session_spec.h"
#include "common/session/session_store.h"
#include "tools/debate/debate.h"
#include "tools/debate/request.h"
#include "tools/debate/verdict_schema.h"

namespace csa {
namespace {

constexpr char kTranscriptFile[] = "transcript.md";

// Where the debate takes place, and what holds for its agents.
struct Venue {
  const SessionStore& store;
  const Configuration& configuration;
  const LaunchOptions& options;
};

absl::string_view RoleOf(bool critical) {
  return critical ? "critic" : "proposer";
}

// Has one of the two speak, and adds what it says to the debate.
absl::StatusOr<Answer> TakeTurn(const Venue& venue, int round, bool critical,
                                Debate& debate) {
  const Question question = QuestionFor(
      venue.configuration, critical ? debate.critic : debate.proposer,
      venue.options, absl::StrCat("round ", round, ": ", RoleOf(critical)),
      critical ? CriticPrompt(debate, round, kVerdictSchema)
               : ProposerPrompt(debate, round));
  CSA_ASSIGN_OR_RETURN(std::vector<Answer> answers,
                       Ask(venue.store, {question}));
  debate.turns.push_back({.round = round,
                          .critical = critical,
                          .session = answers[0].session,
                          .text = answers[0].text});
  CSA_RETURN_IF_ERROR(
      WriteOutput(venue.store, kTranscriptFile, FormatTranscript(debate)));
  return std::move(answers[0]);
}

// Has them debate until they agree, the rounds are over, or one fails.
absl::Status Hold(const Venue& venue, Debate& debate) {
  for (int round = 1; round <= debate.rounds; ++round) {
    Answer answer;
    for (const bool critical : {false, true}) {
      CSA_ASSIGN_OR_RETURN(answer, TakeTurn(venue, round, critical, debate));
      if (answer.status.ok()) continue;
      debate.reason = absl::StrCat("the ", RoleOf(critical),
                                   " failed: ", answer.status.message());
      return absl::OkStatus();
    }
    const absl::StatusOr<Position> position =
        PositionOf(answer.verdict, answer.text);
    if (position.ok()) debate.position = *position;
    debate.reason =
        !position.ok()
            ? absl::StrCat("the critic's verdict in round ", round,
                           " is invalid: ", position.status().message())
        : position->agreement
            ? ""
            : absl::StrCat("there is no agreement after round ", round);
    if (debate.reason.empty()) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ExitStatus> Conduct(const Configuration& configuration) {
  CSA_ASSIGN_OR_RETURN(Debate debate, ResolveDebate(configuration));
  CSA_ASSIGN_OR_RETURN(LaunchOptions options, GetLaunchOptions());
  options = AgentsOptions(std::move(options));
  CSA_ASSIGN_OR_RETURN(debate.question, ReadAll(STDIN_FILENO, kMaxPromptBytes));
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_RETURN_IF_ERROR(Hold({store, configuration, options}, debate));
  const std::string json = FormatDebateJson(debate);
  CSA_RETURN_IF_ERROR(
      WriteOutput(store, kVerdictFile, absl::StrCat(json, "\n")));
  PrintResult(RequestedFormat() == OutputFormat::kJson
                  ? json
                  : FormatDebateText(debate));
  return IsDecided(debate) ? ExitStatus::kSuccess : ExitStatus::kUndecided;
}

}  // namespace csa
