#include "tools/doctor/program_version.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/os/process_set.h"
#include "common/os/signal_fd.h"
#include "common/session/session_report.h"

namespace csa {
namespace {

// What is kept of what a program prints; the rest is read and forgotten.
constexpr size_t kMostText = 4 * 1024;
constexpr size_t kPart = 64 * 1024;

// From SIGTERM to SIGKILL, and from there to giving up.
constexpr absl::Duration kGracePeriod = absl::Seconds(1);
constexpr absl::Duration kKillAllowance = absl::Seconds(5);

// A stream of the program's, and how it begins.
struct Stream {
  UniqueFd reader;
  std::string text;

  void TakePart() {
    const absl::StatusOr<std::string> part = ReadPart(reader.get(), kPart);
    if (!part.ok() || part->empty()) return reader.Reset();
    text.append(*part, 0, kMostText - text.size());
  }

  // What has been written before. Whoever writes on holds nobody up.
  void TakeWhatIsThere() {
    while (reader.valid() && text.size() < kMostText &&
           AwaitReadable(reader.get(), absl::InfinitePast()).value_or(false)) {
      TakePart();
    }
  }
};
using Streams = std::array<Stream, 2>;  // stdout, stderr

// Reads `streams` until `process` has died. Returns whether it has: not when
// `deadline` has come, or nobody is left to read from `answer`.
absl::StatusOr<bool> AwaitDeath(const PidFd& process, Streams& streams,
                                int answer, absl::Time deadline) {
  while (MonotonicNow() < deadline) {
    std::array<pollfd, 4> polled = {{
        {.fd = process.fd(), .events = POLLIN, .revents = 0},
        {.fd = answer, .events = 0, .revents = 0},
        {.fd = streams[0].reader.get(), .events = POLLIN, .revents = 0},
        {.fd = streams[1].reader.get(), .events = POLLIN, .revents = 0},
    }};
    CSA_RETURN_IF_ERROR(PollUntil(absl::MakeSpan(polled), deadline).status());
    if (polled[1].revents != 0) break;
    for (size_t i = 0; i < streams.size(); ++i) {
      if (polled[2 + i].revents != 0) streams[i].TakePart();
    }
    if (polled[0].revents == 0) continue;
    for (Stream& stream : streams) stream.TakeWhatIsThere();
    return true;
  }
  return false;
}

// Starts the program with `streams`, and nothing to read.
absl::StatusOr<pid_t> Start(const std::string& program, Streams& streams) {
  CSA_ASSIGN_OR_RETURN(const UniqueFd null,
                       OpenAt(AT_FDCWD, "/dev/null", O_RDWR));
  CSA_ASSIGN_OR_RETURN(Pipe output, OpenPipe());
  CSA_ASSIGN_OR_RETURN(Pipe error, OpenPipe());
  streams[0].reader = std::move(output.reader);
  streams[1].reader = std::move(error.reader);
  const pid_t parent = getpid();
  return Spawn({program, "--version"}, [&]() -> int {
    int failed = LeaveProcessGroup();
    if (failed == 0) failed = DieWithParent(parent);
    if (failed == 0) failed = MoveTo(null.get(), STDIN_FILENO);
    if (failed == 0) failed = MoveTo(output.writer.get(), STDOUT_FILENO);
    if (failed == 0) failed = MoveTo(error.writer.get(), STDERR_FILENO);
    UnblockAllSignals();
    return failed;
  });
}

// Reaps all children that have ended. The wait status of `pid`, if it has.
std::optional<int> ReapAll(pid_t pid) {
  std::optional<int> wait_status;
  while (true) {
    const absl::StatusOr<std::optional<EndedChild>> child = ReapAny();
    if (!child.ok() || !child->has_value()) return wait_status;
    if ((*child)->pid == pid) wait_status = (*child)->wait_status;
  }
}

absl::StatusOr<std::string> Judge(int wait_status, const Streams& streams) {
  std::string line = VersionLine(streams[0].text);
  const std::string complaint = VersionLine(streams[1].text);
  if (wait_status == 0) {
    if (line.empty()) line = complaint;
    if (!line.empty()) return line;
    return absl::FailedPreconditionError("printed nothing");
  }
  return absl::FailedPreconditionError(
      absl::StrCat(WIFEXITED(wait_status)
                       ? absl::StrCat("exited with ", WEXITSTATUS(wait_status))
                       : absl::StrCat("died of signal ", WTERMSIG(wait_status)),
                   complaint.empty() ? "" : ": ", complaint));
}

// The work of a process that has no other children, so that all that descends
// from it is the program's. Whoever reads from `answer` may die.
absl::StatusOr<std::string> Ask(const std::string& program,
                                absl::Duration timeout, int answer) {
  ResetSignalDispositions();
  BlockAllSignals();
  LeavePosixSession();
  CSA_RETURN_IF_ERROR(OutliveParent());
  CSA_RETURN_IF_ERROR(BecomeSubreaper());
  const absl::Time deadline = MonotonicNow() + timeout;
  Streams streams;
  CSA_ASSIGN_OR_RETURN(const pid_t pid, Start(program, streams));
  absl::StatusOr<bool> died = false;
  const absl::StatusOr<PidFd> process = PidFd::Open(pid);
  if (process.ok()) died = AwaitDeath(*process, streams, answer, deadline);
  std::vector<ProcessStat> ended;
  const std::vector<ProcessStat> alive =
      EndProcesses(Descendants(getpid()), kGracePeriod,
                   MonotonicNow() + kGracePeriod + kKillAllowance, ended);
  const std::optional<int> wait_status = ReapAll(pid);
  if (!alive.empty()) {
    return absl::FailedPreconditionError(DescribeAlive(alive.front()));
  }
  CSA_RETURN_IF_ERROR(process.status());
  CSA_RETURN_IF_ERROR(died.status());
  if (*died && wait_status.has_value()) return Judge(*wait_status, streams);
  return absl::FailedPreconditionError(
      absl::StrCat("did not end within ", absl::FormatDuration(timeout)));
}

}  // namespace

absl::StatusOr<std::string> ProgramVersion(const std::string& program,
                                           absl::Duration timeout) {
  CSA_RETURN_IF_ERROR(CheckCanEndProcesses());
  CSA_ASSIGN_OR_RETURN(Pipe answer, OpenPipe());
  // The caller may have children that its program knows nothing of. What the
  // worker says begins with whether it is a version.
  CSA_ASSIGN_OR_RETURN(
      const pid_t worker, ForkWorker([&] {
        answer.reader.Reset();
        const absl::StatusOr<std::string> version =
            Ask(program, timeout, answer.writer.get());
        static_cast<void>(WriteAll(
            answer.writer.get(),
            version.ok() ? absl::StrCat("+", *version)
                         : absl::StrCat("-", version.status().message())));
      }));
  answer.writer.Reset();
  const absl::StatusOr<std::string> said =
      ReadAll(answer.reader.get(), kMostText);
  CSA_RETURN_IF_ERROR(Reap(worker).status());
  CSA_RETURN_IF_ERROR(said.status());
  if (said->empty()) {
    return absl::FailedPreconditionError("killed the process that had run it");
  }
  if (said->front() == '+') return said->substr(1);
  return absl::FailedPreconditionError(said->substr(1));
}

std::string VersionLine(absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    constexpr size_t kMostCharacters = 80;
    if (line.empty()) continue;
    return EscapeForDisplay(Utf8Prefix(line, kMostCharacters));
  }
  return "";
}

}  // namespace csa
