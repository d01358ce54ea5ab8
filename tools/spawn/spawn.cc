#include "tools/spawn/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/base/session_variables.h"
#include "common/base/status_macros.h"
#include "common/cli/exit_status.h"
#include "common/cli/tool.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "common/os/process_set.h"
#include "common/os/signal_fd.h"
#include "common/session/caller.h"
#include "common/session/session_cgroup.h"
#include "common/session/session_spec.h"
#include "common/session/session_store.h"

namespace csa {
namespace {

// More than any message of the supervisor.
constexpr size_t kMaxReasonBytes = 64 * 1024;

// The depth of a session that is started from here: 1 outside any.
absl::StatusOr<int> NextDepth() {
  CSA_ASSIGN_OR_RETURN(const int depth, CallersDepth());
  if (depth < kDeepestSession) return depth + 1;
  return absl::FailedPreconditionError(absl::StrCat(
      "sessions are nested ", depth, " deep already, and no more than ",
      kDeepestSession, " are allowed: do the work in this session"));
}

absl::StatusOr<std::string> ReadPrompt() {
  absl::StatusOr<std::string> prompt = ReadAll(STDIN_FILENO, kMaxPromptBytes);
  if (prompt.ok()) return prompt;
  if (!absl::IsOutOfRange(prompt.status())) {
    return Named("standard input", prompt.status());
  }
  return absl::OutOfRangeError(
      absl::StrCat("the prompt on standard input is longer than ",
                   kMaxPromptBytes >> 20, " MiB"));
}

// Sets the variables that tell the command of its session, for all that is
// started from here on.
void SetEnvironment(const SessionSpec& spec, const std::string& directory,
                    const LaunchOptions& options) {
  const auto set = [](const char* name, const std::string& value) {
    if (value.empty()) {
      unsetenv(name);
    } else {
      setenv(name, value.c_str(), 1);
    }
  };
  set(kSessionIdVariable, spec.id);
  set(kSessionDirVariable, directory);
  set(kParentSessionVariable, spec.parent);
  set(kDepthVariable, absl::StrCat(spec.depth));
  set(kToolVariable, spec.tool);
  set(kProjectRootVariable, spec.project);
  // As a shell's cd does: opencode believes it rather than getcwd(3).
  set("PWD", spec.project);
  // An agent that finds these takes itself for a child of another.
  unsetenv("CLAUDECODE");
  unsetenv("CLAUDE_CODE_ENTRYPOINT");
  for (const auto& [name, value] : options.environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
}

// Writes the records that the supervisor reads. `text` is the prompt.
absl::Status WriteRecords(const SessionDirectory& session,
                          std::vector<std::string> argv, SessionSpec& spec,
                          const PromptOptions& prompt,
                          const std::string& text) {
  if (prompt.capture) {
    CSA_RETURN_IF_ERROR(CreateFileAt(session.fd(), kPromptFile, text));
  }
  if (prompt.to_argument.has_value()) {
    argv[*prompt.to_argument] = session.PathOf(kPromptFile);
  }
  CSA_RETURN_IF_ERROR(
      CreateFileAt(session.fd(), kCommandFile, FormatCommand(argv)));
  spec.argv = std::move(argv);
  return CreateFileAt(session.fd(), kSpecFile, FormatSessionSpec(spec));
}

// What the supervisor says over `pipe`: a newline, or all of the reason why the
// session does not run. `children` has SIGCHLD. The command may run already,
// and stop its supervisor: whenever that has been stopped, it is continued.
absl::StatusOr<std::string> ReadMessage(int pipe, const SignalFd& children,
                                        pid_t supervisor) {
  constexpr size_t kPartBytes = 4096;
  std::string message;
  while (message.size() < kMaxReasonBytes) {
    std::array<pollfd, 2> events = {{
        {.fd = pipe, .events = POLLIN, .revents = 0},
        {.fd = children.fd(), .events = POLLIN, .revents = 0},
    }};
    CSA_RETURN_IF_ERROR(
        PollUntil(absl::MakeSpan(events), absl::InfiniteFuture()).status());
    // It has been stopped, has been continued, or is dead: which, a signal that
    // stands for several does not say.
    if (events[1].revents != 0 && children.Next().has_value()) {
      const absl::StatusOr<PidFd> process = PidFd::Open(supervisor);
      if (process.ok()) static_cast<void>(process->Signal(SIGCONT));
    }
    if (events[0].revents == 0) continue;
    CSA_ASSIGN_OR_RETURN(const std::string part, ReadPart(pipe, kPartBytes));
    if (part.empty()) break;
    message += part;
  }
  return message;
}

// Starts the supervisor of the hidden session and waits for the newline that
// says that the command is running. Returns its pid.
absl::StatusOr<pid_t> StartSupervisor(const std::string& hidden_path,
                                      const SessionSpec& spec,
                                      const SessionDirectory& session,
                                      const LaunchOptions& options,
                                      mode_t callers_umask) {
  CSA_ASSIGN_OR_RETURN(const std::string program,
                       PathBesideExecutable("csa-supervise"));
  // The store has been opened: nothing that is set here can move it.
  SetEnvironment(spec, session.path(), options);
  // One pipe for both: what is no newline is the reason of a failure.
  CSA_ASSIGN_OR_RETURN(Pipe pipe, OpenPipe());
  BlockSignals({SIGCHLD});
  CSA_ASSIGN_OR_RETURN(const SignalFd children, SignalFd::Open({SIGCHLD}));
  CSA_ASSIGN_OR_RETURN(
      const pid_t pid,
      Spawn({program, absl::StrCat("--ready-fd=", STDERR_FILENO), hidden_path},
            [&] {
              SetUmask(callers_umask);
              return MoveTo(pipe.writer.get(), STDERR_FILENO);
            }));
  pipe.writer.Reset();
  CSA_ASSIGN_OR_RETURN(const std::string message,
                       ReadMessage(pipe.reader.get(), children, pid));
  pipe.reader.Reset();
  absl::string_view reason = message;
  if (reason == "\n") return pid;
  // Its word may not have come through, or it has been killed since: a session
  // that is seen has been started.
  if (reason.empty() && session.IsVisible().value_or(false)) return pid;
  CSA_ASSIGN_OR_RETURN(const int wait_status, Reap(pid));
  absl::ConsumePrefix(&reason, "csa-supervise: ");
  absl::ConsumeSuffix(&reason, "\n");
  if (!WIFEXITED(wait_status) || reason.empty()) {
    return absl::InternalError(absl::StrCat(
        "the supervisor of session ", spec.id, " died at its start; ", reason));
  }
  return WithExitStatus(absl::FailedPreconditionError(reason),
                        ExitStatusOf(WEXITSTATUS(wait_status)));
}

absl::Status CheckPromptOptions(const std::vector<std::string>& argv,
                                const PromptOptions& prompt) {
  if (!prompt.capture && (prompt.to_stdin || prompt.to_argument.has_value())) {
    return UsageError("--prompt-to needs --stdin=capture");
  }
  if (prompt.to_argument.value_or(0) >= argv.size()) {
    return UsageError("--prompt-to names an argument that there is none of");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StartedSession> StartSession(std::vector<std::string> argv,
                                            const LaunchOptions& options,
                                            const PromptOptions& prompt,
                                            const Conversation& conversation,
                                            bool ends_nested) {
  CSA_RETURN_IF_ERROR(CheckPromptOptions(argv, prompt));
  SessionSpec spec = {
      .project = WorkingDirectory().value_or(""),
      .description = options.description,
      .tool = options.tool,
      .model = options.model,
      .access = options.access,
      .conversation = conversation.id,
      .continues = conversation.continues,
      .parent = CallersSession(),
      .timeout = options.timeout,
      .idle_timeout = options.idle_timeout,
      .memory_max = options.memory_max,
      .labels = options.labels,
      .input = prompt.to_stdin ? CommandInput::kPrompt : CommandInput::kNull,
      .ends_nested = ends_nested,
      .pid_namespace = OwnPidNamespace(),
  };
  CSA_ASSIGN_OR_RETURN(spec.depth, NextDepth());
  const mode_t callers_umask = KeepFilesPrivate();
  CSA_RETURN_IF_ERROR(CheckCanEndProcesses());
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::OpenOrMake());
  // However long that takes, there is no session meanwhile, half made or not.
  std::string text;
  if (prompt.capture) {
    CSA_ASSIGN_OR_RETURN(text, ReadPrompt());
  }
  spec.created_at = absl::Now();
  SessionId id = SessionId::Generate(spec.created_at);
  if (!options.id.empty()) {
    CSA_ASSIGN_OR_RETURN(id, SessionId::Parse(options.id));
  }
  spec.id = id.text();
  // When the session runs, nothing has the hidden name. The last to go, when
  // no other descriptor is open: that may be all that there is.
  absl::Cleanup remove = [&] { static_cast<void>(store.RemoveHidden(id)); };
  absl::StatusOr<SessionDirectory> made = store.MakeHidden(id);
  // It is another start's.
  if (absl::IsAlreadyExists(made.status())) std::move(remove).Cancel();
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, std::move(made));
  const absl::Status written =
      WriteRecords(session, std::move(argv), spec, prompt, text);
  if (!written.ok()) return CannotKeep(session.path(), written);
  const absl::StatusOr<pid_t> supervisor =
      StartSupervisor(absl::StrCat(store.path(), "/", HiddenName(id)), spec,
                      session, options, callers_umask);
  // One that was killed has left it.
  if (!supervisor.ok()) RemoveSessionCgroup(session);
  if (!supervisor.ok()) return supervisor.status();
  return StartedSession{
      .id = id, .supervisor = *supervisor, .directory = session.path()};
}

}  // namespace csa
