// Starting programs.

#ifndef CSA_COMMON_OS_PROCESS_H_
#define CSA_COMMON_OS_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/os/unique_fd.h"

namespace csa {

// The form in which exec(3) takes arguments and environments: pointers into
// `strings`, and a null pointer.
std::vector<char*> ExecPointers(const std::vector<std::string>& strings);

// Starts argv[0], looked up on PATH as execvp(3) does, in a child that calls
// `prepare` before: it returns 0 or an error number. Where `cgroup` is a
// descriptor of one (cgroup.h), the child is born in it. Until the program is
// executed the child works in the memory of the caller, which stands still
// (vfork(2)): `prepare` may use async-signal-safe calls only, and assigns
// nothing. Descriptors, signal mask and umask are the child's own. Failures
// come back over a close-on-exec pipe. Returns the child's pid; the caller
// reaps it. A child that could not execute has been reaped: NotFound when there
// is no such program, PermissionDenied when there is one that cannot be
// executed, or `prepare` failed. Other codes: no child could be made;
// Unavailable: not in the cgroup.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv,
                            absl::FunctionRef<int()> prepare, int cgroup = -1);

// Replaces the calling program; SIGPIPE and SIGXFSZ, which SetUpSignals
// ignores, get their default dispositions back. Returns only when that failed,
// as Spawn does.
absl::Status Execute(const std::vector<std::string>& argv);

// Blocks until child `pid` has ended and reaps it. Returns its wait status, as
// in waitpid(2).
absl::StatusOr<int> Reap(pid_t pid);

// Forks a child that calls `work` and ends with status 0. It is killed when the
// caller dies; the caller reaps it.
absl::StatusOr<pid_t> ForkWorker(absl::FunctionRef<void()> work);

// A child that has ended, with its wait status as in waitpid(2).
struct EndedChild {
  pid_t pid;
  int wait_status;
};

// Reaps a child that has ended, if there is one. NotFound when the caller has
// no children at all. Does not block.
absl::StatusOr<std::optional<EndedChild>> ReapAny();

// The absolute path of the file `name` beside the executable of the caller.
absl::StatusOr<std::string> PathBesideExecutable(absl::string_view name);

// The path of what execvp(3) would execute for `name`, found on PATH or the
// path that it is: NotFound where there is no such file, PermissionDenied where
// there are only others than executable ones.
absl::StatusOr<std::string> FindExecutable(const std::string& name);

// Whether `fd` is a terminal.
bool IsTerminal(int fd);

// The width of the terminal `fd` in characters; nothing where it is none.
std::optional<size_t> TerminalWidth(int fd);

// Opens /dev/null on each of the descriptors 0, 1 and 2 that is closed, so that
// no file opened later is mistaken for a standard stream.
absl::Status OpenClosedStandardStreams();

// Makes `fd` close-on-exec. InvalidArgument when it is not open.
absl::Status CloseOnExec(int fd);

// Allows the caller as many descriptors as it may have: raises the soft limit
// to the hard one. Returns how many that are.
size_t RaiseDescriptorLimit();

// Closes all descriptors from 3 up but `keep` (-1: none): close_range(2), Linux
// 5.9. Unimplemented on an older kernel.
absl::Status CloseInheritedDescriptors(int keep);

// Makes the files that the caller creates its own only: sets the umask to 077.
// Returns the one before.
mode_t KeepFilesPrivate();

// Sets the umask. Async-signal-safe.
void SetUmask(mode_t mask);

// Makes the caller the leader of a new POSIX session, without a terminal,
// unless it leads a process group already.
void LeavePosixSession();

// Makes the caller the leader of a process group of its own. Async-signal-safe;
// returns 0 or an error number.
int LeaveProcessGroup();

// Sends `signal` to the process group that `leader` leads, which the caller has
// not reaped: until then its id means no other group. A group in which nobody
// may be signalled is left alone.
void SignalGroup(pid_t leader, int signal);

// Puts `fd` in the place of `target`, without close-on-exec.
// Async-signal-safe; returns 0 or an error number.
int MoveTo(int fd, int target);

// Makes the caller the parent of all orphans among its descendants:
// PR_SET_CHILD_SUBREAPER(2const), Linux 3.4.
absl::Status BecomeSubreaper();

// Makes the kernel kill the calling process when its parent, `parent`, dies:
// PR_SET_PDEATHSIG(2const). Async-signal-safe; returns 0 or an error number,
// ESRCH when the parent has died already.
int DieWithParent(pid_t parent);

// Takes DieWithParent back: the caller is to see to its end itself.
absl::Status OutliveParent();

// The processor time and the largest resident set of all children that the
// caller has reaped, and of those that they had reaped: getrusage(2).
struct ChildrenUsage {
  absl::Duration cpu;
  int64_t max_rss_kb;
};
ChildrenUsage UsageOfChildren();

// Gives back the memory that holds the code of the program, for somebody who
// will not run for long: what is needed again comes from the page cache.
void ReleaseCode();

// Pipe ends, close-on-exec.
struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};
absl::StatusOr<Pipe> OpenPipe();

}  // namespace csa

#endif  // CSA_COMMON_OS_PROCESS_H_
