// What /proc tells about one process: proc(5).

#ifndef CSA_COMMON_OS_PROC_H_
#define CSA_COMMON_OS_PROC_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// A line of /proc/PID/stat.
struct ProcessStat {
  pid_t pid = 0;
  std::string comm;  // at most 15 bytes, any but NUL
  char state = '?';  // of its first thread; 'Z' and 'X' are dead
  pid_t parent = 0;
  pid_t group = 0;
  int threads = 1;
  uint64_t start_ticks = 0;  // since the machine started; tells namesakes apart
  // In the midst of execve(2): the old program's environment is gone, and the
  // new one's is not there yet. Also true where the caller may not see it.
  bool between_programs = false;

  // Whether it has ended. Other threads may outlive the first one.
  bool dead() const { return (state == 'Z' || state == 'X') && threads <= 1; }
};

// Parses such a line. DataLoss when it is none.
absl::StatusOr<ProcessStat> ParseProcessStat(absl::string_view line);

// NotFound when there is no such process; other codes where it could not be
// read. `pid` may be 0 for the caller itself.
absl::StatusOr<ProcessStat> ReadProcessStat(pid_t pid);

// Stands in a list for whoever else there may be, where that could not be read:
// no descriptor is left, or /proc is gone. It is no process.
inline constexpr pid_t kUnseenProcess = -1;

// Whether the kernel has /proc/PID/task/TID/children: Linux 3.5,
// CONFIG_PROC_CHILDREN.
bool KernelListsChildren();

// The children of `pid`, dead ones that it has not reaped among them; empty
// when there is no such process; kUnseenProcess among them where some could not
// be listed. From the kernel's lists of children. Complete for the calling
// process, if it reaps no child meanwhile; for another one, whoever is missed
// is found by looking again. Where the kernel has no such lists: from the
// parent ids of all processes.
std::vector<pid_t> ChildrenOf(pid_t pid);

// All processes that /proc shows, in ascending order; kUnseenProcess where that
// cannot be told.
std::vector<pid_t> AllProcesses();

// The environment that `pid` was executed with, each entry ended by NUL; empty
// where there is none, or it may not be looked at.
std::string EnvironmentOf(pid_t pid);

// Whether it may be looked at: not from within a user namespace, of a process
// outside.
bool MaySeeEnvironmentOf(pid_t pid);

// The value of the variable `name` in it, if it has one.
std::optional<std::string> VariableOf(pid_t pid, absl::string_view name);

// The arguments of `pid`, each ended by NUL; empty where it has none or is
// gone.
std::string CommandLineOf(pid_t pid);

// The memory that `pid` takes in bytes, what it shares with others counted in
// parts: its proportional set size. NotFound when there is no such process;
// PermissionDenied where it may not be looked at. /proc/PID/smaps_rollup, Linux
// 4.14.
absl::StatusOr<int64_t> MemoryOf(pid_t pid);

// The owner's user id. NotFound when there is no such process.
absl::StatusOr<uid_t> OwnerOf(pid_t pid);

// "PID COMM < PPID PCOMM": a process and its parent, for people who ask who it
// was. "unknown" where there is no such process.
std::string DescribeWithParent(pid_t pid);

// The pid namespace of the caller: pid_namespaces(7). 0 when /proc does not
// tell.
uint64_t OwnPidNamespace();

// The one of the kernel's first process, in which every process is visible.
inline constexpr uint64_t kInitialPidNamespace = 0xEFFFFFFC;

// FailedPrecondition where /proc does not show the calling process.
absl::Status CheckProcMounted();

}  // namespace csa

#endif  // CSA_COMMON_OS_PROC_H_
