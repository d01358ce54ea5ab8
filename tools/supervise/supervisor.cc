#include "tools/supervise/supervisor.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/base/session_variables.h"
#include "common/base/status_macros.h"
#include "common/cli/exit_status.h"
#include "common/os/atomic_file.h"
#include "common/os/clock.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/poll.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "common/session/session_cgroup.h"
#include "common/session/session_store.h"
#include "tools/supervise/lifecycle.h"

namespace csa {
namespace {

// The hidden directory that a session is prepared in.
struct Workplace {
  UniqueFd sessions;
  SessionDirectory session;
};

absl::StatusOr<Workplace> OpenWorkplace(absl::string_view path) {
  const size_t slash = path.rfind('/');
  const absl::string_view name =
      slash == path.npos ? "" : path.substr(slash + 1);
  const absl::StatusOr<SessionId> id =
      SessionId::Parse(name.substr(name.empty() ? 0 : 1));
  if (!id.ok() || name != HiddenName(*id) || path.front() != '/') {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": is no directory that a session is prepared in: it must be the ",
        "absolute path of one whose name is a dot and a session id"));
  }
  // Whatever carries no such id could not be found when the supervisor is dead.
  if (CallersSession() != id->text()) {
    return absl::FailedPreconditionError(absl::StrCat(
        kSessionIdVariable, " is not ", id->text(), " in the environment"));
  }
  const std::string sessions_path(path.substr(0, slash));
  CSA_ASSIGN_OR_RETURN(UniqueFd sessions,
                       OpenOwnDirectory(AT_FDCWD, sessions_path));
  CSA_ASSIGN_OR_RETURN(SessionDirectory session,
                       SessionDirectory::Open(sessions.get(), *id,
                                              HiddenName(*id), sessions_path));
  // By this an outer session knows the supervisor of a nested one.
  const char* const directory = std::getenv(kSessionDirVariable);
  if (directory == nullptr || directory != session.path()) {
    return absl::FailedPreconditionError(
        absl::StrCat(kSessionDirVariable, " is not ", session.path(),
                     " in the environment"));
  }
  return Workplace{std::move(sessions), std::move(session)};
}

// Makes a file in the session's directory and opens it. AlreadyExists for
// O_EXCL.
absl::StatusOr<UniqueFd> MakeFile(const SessionDirectory& session,
                                  const std::string& name, int flags) {
  absl::StatusOr<UniqueFd> file =
      OpenAt(session.fd(), name, flags | O_CREAT, 0600);
  if (file.ok() || absl::IsAlreadyExists(file.status())) return file;
  return CannotKeep(session.path(), file.status());
}

// Makes daemon.pid and locks it. The descriptor must stay open until the end:
// closing it drops the lock.
absl::StatusOr<UniqueFd> Lock(const SessionDirectory& session) {
  if (ExistsAt(session.fd(), kResultFile)) {
    return absl::FailedPreconditionError("this session has had its life");
  }
  absl::StatusOr<UniqueFd> lock = MakeFile(session, kLockFile, O_RDWR | O_EXCL);
  if (absl::IsAlreadyExists(lock.status())) {
    return absl::FailedPreconditionError("this session has a supervisor");
  }
  if (!lock.ok()) return lock.status();
  CSA_RETURN_IF_ERROR(LockForWriting(lock->get()));
  const absl::Status written =
      WriteAll(lock->get(), absl::StrCat(getpid(), "\n"));
  if (!written.ok()) return CannotKeep(session.path(), written);
  return lock;
}

// The files that become the command's standard streams, and in the end the
// supervisor's own. All are open before there is anything to lose.
struct Streams {
  UniqueFd null;
  UniqueFd prompt;  // the command's standard input, if there is one
  UniqueFd output;
  UniqueFd error;
};

absl::StatusOr<Streams> OpenStreams(const SessionDirectory& session,
                                    CommandInput input) {
  constexpr int kLogFlags = O_WRONLY | O_APPEND;
  Streams streams;
  CSA_ASSIGN_OR_RETURN(streams.null, OpenAt(AT_FDCWD, "/dev/null", O_RDWR));
  if (input == CommandInput::kPrompt) {
    CSA_ASSIGN_OR_RETURN(streams.prompt,
                         OpenAt(session.fd(), kPromptFile, O_RDONLY));
  }
  CSA_ASSIGN_OR_RETURN(streams.output,
                       MakeFile(session, kStdoutFile, kLogFlags));
  CSA_ASSIGN_OR_RETURN(streams.error,
                       MakeFile(session, kStderrFile, kLogFlags));
  return streams;
}

// Starts the command in `cgroup`, a descriptor, or -1 for none.
absl::StatusOr<pid_t> StartCommand(const std::vector<std::string>& argv,
                                   const Streams& streams, mode_t umask_of_it,
                                   int cgroup) {
  const pid_t supervisor = getpid();
  const UniqueFd& input =
      streams.prompt.valid() ? streams.prompt : streams.null;
  const auto prepare = [&]() -> int {
    SetUmask(umask_of_it);
    int error = LeaveProcessGroup();
    if (error == 0) error = DieWithParent(supervisor);
    if (error == 0) error = MoveTo(input.get(), STDIN_FILENO);
    if (error == 0) error = MoveTo(streams.output.get(), STDOUT_FILENO);
    if (error == 0) error = MoveTo(streams.error.get(), STDERR_FILENO);
    UnblockAllSignals();
    return error;
  };
  return Spawn(argv, prepare, cgroup);
}

// Gives up the starter's streams for `null`, and `ready_fd`: from here on
// nobody is there to read. The starter goes on when stderr is given up, which
// is the last step.
void Detach(int ready_fd, UniqueFd null) {
  // The command is running: whatever happens, it is not abandoned.
  const auto replace = [](int fd, int stream) {
    if (MoveTo(fd, stream) != 0) UniqueFd(stream).Reset();
  };
  if (ready_fd > STDERR_FILENO) UniqueFd(ready_fd).Reset();
  replace(null.get(), STDIN_FILENO);
  null.Reset();
  replace(STDIN_FILENO, STDOUT_FILENO);
  replace(STDIN_FILENO, STDERR_FILENO);
}

// Waits until `lifecycle` is over. Wakes only when something happens or is due.
absl::Status Attend(Lifecycle& lifecycle, const SignalFd& signals) {
  while (true) {
    CSA_RETURN_IF_ERROR(
        AwaitReadable(signals.fd(), lifecycle.wake_time()).status());
    while (const std::optional<signalfd_siginfo> signal = signals.Next()) {
      if (signal->ssi_signo == SIGCHLD) continue;
      lifecycle.EndRequested(
          DescribeWithParent(static_cast<pid_t>(signal->ssi_pid)));
    }
    bool childless = false;
    while (true) {
      const absl::StatusOr<std::optional<EndedChild>> child = ReapAny();
      childless = absl::IsNotFound(child.status());
      if (!child.ok() || !child->has_value()) break;
      lifecycle.ChildEnded((*child)->pid, (*child)->wait_status);
    }
    if (lifecycle.Advance(childless, MonotonicNow())) return absl::OkStatus();
  }
}

// The life of a session that is locked and visible. `lock` is held throughout.
class Life {
 public:
  Life(const SessionDirectory& session, SessionSpec spec, FileIdentity lock)
      : session_(session), spec_(std::move(spec)), nested_(lock) {}

  // Makes the cgroup of the session, where the system gives it one.
  absl::Status PrepareCgroup() {
    absl::StatusOr<Cgroup> cgroup =
        MakeSessionCgroup(session_, spec_.memory_max);
    if (cgroup.ok()) {
      cgroup_ = *std::move(cgroup);
    } else if (spec_.memory_max.has_value()) {
      return NoMemoryLimit(cgroup.status());
    }
    return absl::OkStatus();
  }

  absl::Status Start(const std::vector<std::string>& argv,
                     const Streams& streams, mode_t umask_of_it) {
    started_at_ = absl::Now();
    started_ = MonotonicNow();
    absl::StatusOr<pid_t> leader = StartCommand(
        argv, streams, umask_of_it, cgroup_.has_value() ? cgroup_->fd() : -1);
    if (absl::IsUnavailable(leader.status()) && !spec_.memory_max.has_value()) {
      cgroup_.reset();
      CSA_RETURN_IF_ERROR(ForgetSessionCgroup(session_));
      leader = StartCommand(argv, streams, umask_of_it, -1);
    }
    if (!leader.ok()) RemoveSessionCgroup(session_);
    if (!leader.ok()) return leader.status();
    leader_ = *leader;
    return absl::OkStatus();
  }

  absl::Status Finish(const SignalFd& signals) {
    const Cgroup* const cgroup = cgroup_.has_value() ? &*cgroup_ : nullptr;
    Lifecycle lifecycle(session_, spec_, nested_, leader_, cgroup, started_);
    ReleaseCode();
    CSA_RETURN_IF_ERROR(Attend(lifecycle, signals));
    const ChildrenUsage usage = UsageOfChildren();
    std::optional<int64_t> memory_peak;
    if (cgroup != nullptr) {
      memory_peak = cgroup->MemoryPeak();
      RemoveSessionCgroup(session_);
    }
    SessionResult result = {
        .id = session_.id().text(),
        .tool = spec_.tool,
        .summary = session_.ReadSummary(),
        .started_at = started_at_,
        .completed_at = absl::Now(),
        .wall = MonotonicNow() - started_,
        .cpu = usage.cpu,
        .max_rss_kb = usage.max_rss_kb,
        .memory_peak = memory_peak,
    };
    lifecycle.Describe(result);
    return session_.Publish(result);
  }

 private:
  static absl::Status NoMemoryLimit(const absl::Status& reason) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the session's memory cannot be limited here, start it without ",
        "--memory-max: ", reason.message()));
  }

  const SessionDirectory& session_;
  const SessionSpec spec_;
  NestedSessions nested_;
  std::optional<Cgroup> cgroup_;
  pid_t leader_ = 0;
  absl::Time started_at_;
  absl::Time started_;
};

}  // namespace

absl::Status Supervise(const std::string& path, int ready_fd) {
  // An inherited ignored SIGCHLD would lose the command's status.
  ResetSignalDispositions();
  BlockAllSignals();
  if (ready_fd >= 0) CSA_RETURN_IF_ERROR(CloseOnExec(ready_fd));
  CSA_RETURN_IF_ERROR(CloseInheritedDescriptors(ready_fd));
  const mode_t callers_umask = KeepFilesPrivate();
  LeavePosixSession();
  CSA_RETURN_IF_ERROR(CheckProcMounted());
  CSA_RETURN_IF_ERROR(BecomeSubreaper());
  CSA_ASSIGN_OR_RETURN(const SignalFd signals,
                       SignalFd::Open({SIGCHLD, SIGTERM, SIGINT}));
  CSA_ASSIGN_OR_RETURN(Workplace place, OpenWorkplace(path));
  const SessionDirectory& session = place.session;
  CSA_ASSIGN_OR_RETURN(SessionSpec spec, session.ReadSpec());
  CSA_ASSIGN_OR_RETURN(const std::vector<std::string> argv,
                       session.ReadCommand());
  CSA_ASSIGN_OR_RETURN(const UniqueFd lock, Lock(session));
  CSA_ASSIGN_OR_RETURN(const FileIdentity lock_file, IdentityOf(lock.get()));
  const absl::Status reserved = ReserveFile(session.fd(), kResultFile);
  if (!reserved.ok()) return CannotKeep(session.path(), reserved);
  CSA_ASSIGN_OR_RETURN(Streams streams, OpenStreams(session, spec.input));
  Life life(session, std::move(spec), lock_file);
  CSA_RETURN_IF_ERROR(life.PrepareCgroup());
  const std::string hidden = HiddenName(session.id());
  const absl::Status visible =
      RenameNoReplace(place.sessions.get(), hidden, session.id().text());
  if (!visible.ok()) RemoveSessionCgroup(session);
  CSA_RETURN_IF_ERROR(visible);
  const absl::Status started = life.Start(argv, streams, callers_umask);
  UniqueFd null = std::move(streams.null);
  streams = Streams();
  if (!started.ok()) {
    // Hidden again first: a session that is half removed is not to be seen.
    CSA_RETURN_IF_ERROR(
        RenameNoReplace(place.sessions.get(), session.id().text(), hidden));
    CSA_RETURN_IF_ERROR(RemoveTree(place.sessions.get(), hidden));
    return WithExecutionStatus(started);
  }
  // What the session does not need while it runs.
  place.sessions.Reset();
  // Nobody may be there to read it; the session goes on.
  if (ready_fd >= 0) static_cast<void>(WriteAll(ready_fd, "\n"));
  Detach(ready_fd, std::move(null));
  return life.Finish(signals);
}

}  // namespace csa
