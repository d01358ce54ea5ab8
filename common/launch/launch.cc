#include "common/launch/launch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/os/capture.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "common/session/session_result.h"

ABSL_FLAG(bool, no_daemon, false,
          "stay attached until the session has ended; Ctrl-C ends it");

namespace csa {
namespace {

// More than an id and a newline, and than a message.
constexpr size_t kMaxOutputBytes = 4096;

// What a program that starts a session did.
struct Started {
  ExitStatus exit_status;
  std::string id;
  std::string error;  // the last thing that it said, where that is kept
};

// What a tool said, without the line "Try '… --help'." behind it.
absl::string_view WithoutHint(absl::string_view error) {
  const size_t hint = error.rfind("\nTry '");
  return error.substr(0, hint);
}

absl::StatusOr<Started> StartBy(const std::vector<std::string>& argv,
                                absl::string_view prompt, ErrorOutput error) {
  CSA_ASSIGN_OR_RETURN(const Captured captured,
                       Capture(argv, prompt, kMaxOutputBytes, error));
  if (!WIFEXITED(captured.wait_status)) {
    return absl::InternalError(absl::StrCat(argv[0], " was killed"));
  }
  return Started{.exit_status = ExitStatusOf(WEXITSTATUS(captured.wait_status)),
                 .id = std::string(absl::StripAsciiWhitespace(captured.output)),
                 .error = SummaryOf(WithoutHint(captured.error))};
}

absl::StatusOr<SessionId> StartNestedBy(
    absl::string_view program, const std::vector<std::string>& options,
    const std::vector<std::string>& operands, absl::string_view input) {
  CSA_ASSIGN_OR_RETURN(std::string path, PathBesideExecutable(program));
  std::vector<std::string> argv = {std::move(path), "--format=text"};
  argv.insert(argv.end(), options.begin(), options.end());
  argv.insert(argv.end(), operands.begin(), operands.end());
  CSA_ASSIGN_OR_RETURN(const Started started,
                       StartBy(argv, input, ErrorOutput::kKept));
  if (started.exit_status == ExitStatus::kSuccess) {
    return SessionId::Parse(started.id);
  }
  return WithExitStatus(
      absl::FailedPreconditionError(absl::StrCat(
          program, " failed with exit status ",
          static_cast<int>(started.exit_status), ": ", started.error)),
      started.exit_status);
}

}  // namespace

absl::Status LaunchDaemon(const std::vector<std::string>& spawn_arguments,
                          absl::string_view prompt) {
  CSA_ASSIGN_OR_RETURN(const UniqueFd input, OpenInMemory(prompt));
  if (const int error = MoveTo(input.get(), STDIN_FILENO); error != 0) {
    return ErrnoStatus("hand over the prompt", error);
  }
  std::vector<std::string> arguments = spawn_arguments;
  if (Format() == OutputFormat::kJson) {
    arguments.insert(arguments.begin() + 1, "--format=json");
  }
  return Execute(arguments);
}

absl::StatusOr<ExitStatus> LaunchAttached(
    const std::vector<std::string>& spawn_arguments, absl::string_view prompt,
    OutputFormat format) {
  // A signal that comes before csa-attach is there to see it stays pending.
  BlockSignals(WithoutIgnored({SIGINT, SIGTERM, SIGHUP}));
  CSA_ASSIGN_OR_RETURN(const Started started,
                       StartBy(spawn_arguments, prompt, ErrorOutput::kCallers));
  if (started.exit_status != ExitStatus::kSuccess) return started.exit_status;
  CSA_ASSIGN_OR_RETURN(std::string attach, PathBesideExecutable("csa-attach"));
  std::vector<std::string> arguments = {std::move(attach), "--end-on-signal",
                                        absl::StrCat("--session=", started.id)};
  if (format == OutputFormat::kJson) arguments.emplace_back("--format=json");
  return Execute(arguments);
}

absl::StatusOr<ExitStatus> Launch(
    const std::vector<std::string>& spawn_arguments, absl::string_view prompt) {
  if (StaysAttached()) return LaunchAttached(spawn_arguments, prompt, Format());
  return LaunchDaemon(spawn_arguments, prompt);
}

bool StaysAttached() { return absl::GetFlag(FLAGS_no_daemon); }

absl::StatusOr<SessionId> StartNested(const std::vector<std::string>& options,
                                      absl::string_view prompt) {
  return StartNestedBy("csa-run", options, {"-"}, prompt);
}

absl::StatusOr<SessionId> StartNestedCommand(
    const std::vector<std::string>& options,
    const std::vector<std::string>& argv) {
  std::vector<std::string> operands = {"--"};
  operands.insert(operands.end(), argv.begin(), argv.end());
  return StartNestedBy("csa-spawn", options, operands, "");
}

}  // namespace csa
