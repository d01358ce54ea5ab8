// Having agents answer prompts, in nested sessions.

#ifndef CSA_COMMON_LAUNCH_ASK_H_
#define CSA_COMMON_LAUNCH_ASK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/agent/configuration.h"
#include "common/cli/launch_options.h"
#include "common/session/session_directory.h"
#include "common/session/session_store.h"

namespace csa {

// A prompt for an agent, and how csa-run is to run it.
struct Question {
  std::vector<std::string> options;  // of csa-run
  std::string prompt;
};

// What came of a question.
struct Answer {
  std::string session;  // the id; empty where none could be started
  // OK where the agent has succeeded; else why there is no answer.
  absl::Status status;
  std::string text;  // what it wrote to its stdout, also where it failed
  // What it wrote to output/verdict.json in its session's directory, if it did.
  std::optional<std::string> verdict;
};

// A question for the agent `agent`, called `description`: it may only look,
// where it knows that mode. `options` hold for its session besides.
Question QuestionFor(const Configuration& configuration, const TierTool& agent,
                     LaunchOptions options, std::string description,
                     std::string prompt);

// Asks all `questions` at the same time, each in a session of its own below the
// caller's; blocks until all of these have ended. What cannot be waited for is
// ended. They end with the caller's session, if that was started so
// (own_session.h). The answers are in the order of the questions. An error
// where the sessions cannot be waited for.
absl::StatusOr<std::vector<Answer>> Ask(const SessionStore& store,
                                        absl::Span<const Question> questions);

// The answer in `session`, which has ended. Of more than 64 MiB, or a verdict
// of more than 4 MiB, there is none.
Answer ReadAnswer(const SessionDirectory& session);

// Where a session's command may leave what others are to read, below the
// session's directory.
inline constexpr char kOutputDirectory[] = "output";
inline constexpr char kVerdictFile[] = "verdict.json";

// Writes `text` to the file `name` in the output directory of the session that
// the caller runs in, over what is there: who reads it sees the old or the new.
// InvalidArgument where the caller runs in none.
absl::Status WriteOutput(const SessionStore& store, const std::string& name,
                         absl::string_view text);

}  // namespace csa

#endif  // CSA_COMMON_LAUNCH_ASK_H_
