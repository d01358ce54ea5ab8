#include "common/launch/ask.h"

#include <fcntl.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/agent/agent_tool.h"
#include "common/base/status_macros.h"
#include "common/launch/launch.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/session/end_watch.h"
#include "common/session/ending.h"
#include "common/session/session_id.h"
#include "common/session/session_report.h"
#include "common/session/session_state.h"

namespace csa {
namespace {

constexpr size_t kMaxVerdictBytes = size_t{4} << 20;
constexpr size_t kMaxAnswerBytes = size_t{64} << 20;

absl::StatusOr<std::optional<std::string>> ReadVerdict(
    const SessionDirectory& session) {
  // Others cannot reach it, whatever its mode: the session's is 0700.
  const absl::StatusOr<UniqueFd> output =
      OpenAt(session.fd(), kOutputDirectory, O_RDONLY | O_DIRECTORY);
  if (absl::IsNotFound(output.status())) return std::nullopt;
  if (!output.ok()) return output.status();
  absl::StatusOr<std::string> verdict =
      ReadFileAt(output->get(), kVerdictFile, kMaxVerdictBytes);
  if (absl::IsNotFound(verdict.status())) return std::nullopt;
  if (!verdict.ok()) return verdict.status();
  return *std::move(verdict);
}

absl::Status ReadInto(const SessionDirectory& session, Answer& answer) {
  CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
  if (state.kind == SessionState::Kind::kRunning) {
    return absl::InternalError("it is still running");
  }
  CSA_ASSIGN_OR_RETURN(answer.text,
                       ReadFileAt(session.fd(), kStdoutFile, kMaxAnswerBytes));
  if (IsLost(state)) return absl::DataLossError("its session is lost");
  if (state.result.status != SessionStatus::kSuccess) {
    return absl::FailedPreconditionError(absl::StrCat(
        "it ended with status ", SessionStatusName(state.result.status),
        ", exit ", state.result.exit_code));
  }
  CSA_ASSIGN_OR_RETURN(answer.verdict, ReadVerdict(session));
  return absl::OkStatus();
}

// Ends sessions that cannot be waited for.
void EndAll(const SessionStore& store, absl::Span<const SessionId> ids) {
  for (const SessionId& id : ids) {
    const absl::StatusOr<SessionDirectory> session = store.OpenVisible(id);
    if (session.ok()) static_cast<void>(EndSession(*session));
  }
}

}  // namespace

Answer ReadAnswer(const SessionDirectory& session) {
  Answer answer = {.session = session.id().text()};
  answer.status = ReadInto(session, answer);
  return answer;
}

Question QuestionFor(const Configuration& configuration, const TierTool& agent,
                     LaunchOptions options, std::string description,
                     std::string prompt) {
  const AgentTool* const tool = FindTool(configuration, agent.tool);
  const std::string read_only(kReadOnlyAccess);
  if (tool != nullptr && tool->access.count(read_only) != 0) {
    options.access = read_only;
  }
  options.tool = agent.tool;
  options.model = agent.model;
  options.description = std::move(description);
  return {FormatLaunchOptions(options), std::move(prompt)};
}

absl::StatusOr<std::vector<Answer>> Ask(const SessionStore& store,
                                        absl::Span<const Question> questions) {
  std::vector<Answer> answers(questions.size());
  std::vector<SessionId> sessions;
  std::vector<size_t> places;  // of their questions
  for (size_t i = 0; i < questions.size(); ++i) {
    const absl::StatusOr<SessionId> session =
        StartNested(questions[i].options, questions[i].prompt);
    answers[i].status = session.status();
    if (!session.ok()) continue;
    sessions.push_back(*session);
    places.push_back(i);
  }
  const absl::Status awaited =
      AwaitEnds(store, sessions, absl::InfiniteFuture(),
                [&](size_t i, const absl::StatusOr<SessionState>& state) {
                  if (!state.ok()) EndAll(store, {sessions[i]});
                  return true;
                });
  if (!awaited.ok()) EndAll(store, sessions);
  CSA_RETURN_IF_ERROR(awaited);
  for (size_t i = 0; i < sessions.size(); ++i) {
    const absl::StatusOr<SessionDirectory> session =
        store.OpenVisible(sessions[i]);
    answers[places[i]] = session.ok() ? ReadAnswer(*session)
                                      : Answer{.session = sessions[i].text(),
                                               .status = session.status()};
  }
  return answers;
}

absl::Status WriteOutput(const SessionStore& store, const std::string& name,
                         absl::string_view text) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session,
                       store.Find(CallersSession()));
  const absl::Status made = MakeDirectoryAt(session.fd(), kOutputDirectory);
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  CSA_ASSIGN_OR_RETURN(const UniqueFd output,
                       OpenOwnDirectory(session.fd(), kOutputDirectory));
  const std::string hidden = absl::StrCat(".", name);
  CSA_RETURN_IF_ERROR(CreateFileAt(output.get(), hidden, text));
  return RenameReplacing(output.get(), hidden, name);
}

}  // namespace csa
