// What csa-result says.

#ifndef CSA_TOOLS_RESULT_REPORT_H_
#define CSA_TOOLS_RESULT_REPORT_H_

#include <string>
#include <vector>

#include "common/session/session_directory.h"
#include "common/session/session_state.h"

namespace csa {

// How a session ended, and what it said last.
struct Outcome {
  std::string id;
  SessionState state;
  // The last lines of its stderr, if it did not succeed: valid UTF-8, without
  // control characters.
  std::vector<std::string> stderr_lines;
  std::string stdout_path;
  std::string stderr_path;
};

// At most so many, of the last part of the log.
inline constexpr size_t kStderrLines = 10;

// `state` is that of `session`. A log that cannot be read has no lines.
Outcome ReadOutcome(const SessionDirectory& session, const SessionState& state);

// For people: lines of "what   value", and the lines of stderr. Without the
// last newline.
std::string FormatOutcome(const Outcome& outcome);

// One JSON object: docs/json.md. What is not known is null.
std::string FormatOutcomeJson(const Outcome& outcome);

}  // namespace csa

#endif  // CSA_TOOLS_RESULT_REPORT_H_
