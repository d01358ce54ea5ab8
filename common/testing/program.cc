#include "common/testing/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// So long that a machine under load does not fail the test.
constexpr absl::Duration kPatience = absl::Seconds(120);

// The caller's environment with `changes`, each variable as NAME=VALUE.
std::vector<std::string> ChangedEnvironment(
    const std::map<std::string, std::string>& changes) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!changes.contains(text.substr(0, text.find('=')))) {
      variables.push_back(text);
    }
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) variables.push_back(absl::StrCat(name, "=", value));
  }
  return variables;
}

// Adds what can be read from `from` now; closes it at its end.
void ReadSome(UniqueFd& from, std::string& to) {
  std::array<char, 65536> buffer;
  const ssize_t got = read(from.get(), buffer.data(), buffer.size());
  if (got > 0) {
    to.append(buffer.data(), static_cast<size_t>(got));
  } else {
    from.Reset();
  }
}

// Reads from `from` to `to` until `text` has come.
void AwaitText(UniqueFd& from, std::string& to, absl::string_view text) {
  const absl::Time deadline = MonotonicNow() + kPatience;
  while (!absl::StrContains(to, text)) {
    ASSERT_TRUE(from.valid()) << "ended before '" << text << "': " << to;
    const absl::StatusOr<bool> ready = AwaitReadable(from.get(), deadline);
    ASSERT_TRUE(ready.ok() && *ready) << "no '" << text << "' in: " << to;
    ReadSome(from, to);
  }
}

}  // namespace

Program::Program(const std::vector<std::string>& argv,
                 const ProgramOptions& options) {
  absl::StatusOr<UniqueFd> input = OpenInMemory(options.input);
  absl::StatusOr<Pipe> output = OpenPipe();
  absl::StatusOr<Pipe> error = OpenPipe();
  absl::StatusOr<Pipe> until_executed = OpenPipe();
  EXPECT_TRUE(input.ok() && output.ok() && error.ok() && until_executed.ok());
  const std::vector<std::string> environment =
      ChangedEnvironment(options.environment);
  const std::vector<char*> arguments = ExecPointers(argv);
  const std::vector<char*> variables = ExecPointers(environment);
  // What a test prepares is its own business: a child with its own memory. All
  // else is async-signal-safe, for other threads may hold any lock.
  pid_ = fork();
  EXPECT_GE(pid_, 0);
  if (pid_ == 0) {
    MoveTo(input->get(), STDIN_FILENO);
    MoveTo(output->writer.get(), STDOUT_FILENO);
    MoveTo(error->writer.get(), STDERR_FILENO);
    environ = const_cast<char**>(variables.data());
    options.prepare();
    for (const int ignored : {SIGPIPE, SIGXFSZ}) signal(ignored, SIG_DFL);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  output_ = std::move(output->reader);
  error_ = std::move(error->reader);
  // The child's end is closed by its execution, or its death.
  until_executed->writer.Reset();
  const absl::StatusOr<bool> executed =
      AwaitReadable(until_executed->reader.get(), MonotonicNow() + kPatience);
  EXPECT_TRUE(executed.ok() && *executed) << arguments[0] << " does not start";
}

Program::~Program() {
  if (pid_ == 0) return;
  Signal(SIGKILL);
  static_cast<void>(Reap(pid_));
}

void Program::Signal(int signal) const {
  // It has not been reaped: the pid is its own.
  ASSERT_GT(pid_, 0);
  EXPECT_EQ(kill(pid_, signal), 0);
}

void Program::AwaitOutput(absl::string_view text) {
  AwaitText(output_, ended_.output, text);
}

std::string Program::AwaitFirstLine() {
  AwaitOutput("\n");
  return ended_.output.substr(0, ended_.output.find('\n'));
}

void Program::AwaitError(absl::string_view text) {
  AwaitText(error_, ended_.error, text);
}

Ended Program::Await() {
  const absl::Time deadline = MonotonicNow() + kPatience;
  while (output_.valid() || error_.valid()) {
    std::array<pollfd, 2> streams = {{
        {.fd = output_.get(), .events = POLLIN, .revents = 0},
        {.fd = error_.get(), .events = POLLIN, .revents = 0},
    }};
    const absl::StatusOr<bool> ready =
        PollUntil(absl::MakeSpan(streams), deadline);
    if (!ready.ok() || !*ready) {
      ADD_FAILURE() << "takes too long: " << ended_.output << ended_.error;
      Signal(SIGKILL);
      break;
    }
    if (streams[0].revents != 0) ReadSome(output_, ended_.output);
    if (streams[1].revents != 0) ReadSome(error_, ended_.error);
  }
  const int wait_status = Reap(std::exchange(pid_, 0)).value_or(0);
  if (WIFEXITED(wait_status)) ended_.exit_status = WEXITSTATUS(wait_status);
  if (WIFSIGNALED(wait_status)) ended_.signal = WTERMSIG(wait_status);
  return std::move(ended_);
}

Ended RunProgram(const std::vector<std::string>& argv,
                 const ProgramOptions& options) {
  return Program(argv, options).Await();
}

}  // namespace csa
