// The exit statuses of all tools: docs/exit-status.md.

#ifndef CSA_COMMON_CLI_EXIT_STATUS_H_
#define CSA_COMMON_CLI_EXIT_STATUS_H_

#include "absl/status/status.h"

namespace csa {

// What a tool exits with. Beside these, a tool that stands for a session exits
// with the session's exit_code, which may be any number from 0 to 255.
enum class ExitStatus {
  kSuccess = 0,
  kNo = 1,             // the answer is no: lost; still alive
  kUndecided = 3,      // a review or a debate without a verdict
  kNotFinished = 124,  // wait again, and nothing else
  kFailed = 125,       // csa itself failed, wrong usage, no such session
  kNotExecutable = 126,
  kNotFound = 127,
  kSignalBase = 128,  // 128 + n: ended by signal n
};

// The exit status that stands for a session's exit_code.
constexpr ExitStatus ExitStatusOf(int exit_code) {
  return static_cast<ExitStatus>(exit_code);
}

// `status`, an error, with an exit status of its own instead of kFailed.
absl::Status WithExitStatus(absl::Status status, ExitStatus exit_status);

// The exit status that `status`, an error, leads to.
ExitStatus ExitStatusFor(const absl::Status& status);

// `status`, from Spawn or Execute (common/os/process.h), with the exit status
// that shells give: 127 for a program that is not there, 126 for one that
// cannot be executed. Other failures stay kFailed.
absl::Status WithExecutionStatus(const absl::Status& status);

}  // namespace csa

#endif  // CSA_COMMON_CLI_EXIT_STATUS_H_
