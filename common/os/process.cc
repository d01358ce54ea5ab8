#include "common/os/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/os/errno_status.h"
#include "common/os/fault_point.h"
#include "common/os/file.h"
#include "common/os/proc.h"

// Where the linker has put the program's first byte, and the end of its code:
// end(3).
// NOLINTNEXTLINE(bugprone-reserved-identifier): the linker names it
extern "C" const char __executable_start;
extern "C" const char etext;

namespace csa {
namespace {

// vfork(2) of a child in the cgroup `cgroup`: clone3(2), CLONE_INTO_CGROUP,
// Linux 5.7. To move a process afterwards takes the kernel far longer. There is
// no function for it in the C library, and none may stand in between: the child
// would return from it on the stack that the parent needs still.
[[gnu::always_inline]] inline pid_t VforkInto(int cgroup) {
  clone_args arguments = {};
  arguments.flags = CLONE_VM | CLONE_VFORK | CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<unsigned>(cgroup);
#if defined(__x86_64__)
  long result;  // NOLINT(google-runtime-int): a register
  asm volatile("syscall"
               : "=a"(result)
               : "0"(SYS_clone3), "D"(&arguments), "S"(sizeof arguments)
               : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long number asm("x8") = SYS_clone3;
  register long result asm("x0") = reinterpret_cast<long>(&arguments);
  register long size asm("x1") = sizeof arguments;
  asm volatile("svc #0" : "+r"(result) : "r"(number), "r"(size) : "memory");
#else
  const int result = -ENOSYS;
#endif
  if (result >= 0) return static_cast<pid_t>(result);
  errno = static_cast<int>(-result);
  return -1;
}

// What a child tells of its failure.
struct Failure {
  bool prepared;  // so that it was the execution that failed
  int error;
};

// The part of Spawn that two processes go through, one after the other, on one
// stack: it holds no objects. Returns what vfork(2) gives the parent. The child
// writes a Failure to `failure` when it cannot execute.
pid_t VforkAndExecute(char* const* arguments, absl::FunctionRef<int()> prepare,
                      int failure, int cgroup) {
  if (InjectFault("fork")) return -1;
  // NOLINTNEXTLINE(clang-analyzer-*): what the child may do stands above
  const pid_t pid = cgroup < 0 ? vfork() : VforkInto(cgroup);
  if (pid != 0) return pid;
  Failure told = {.prepared = false, .error = prepare()};
  if (told.error == 0) {
    if (!InjectFault("exec")) execvp(arguments[0], arguments);
    told = {.prepared = true, .error = errno};
  }
  // Nobody is there to hear of a failure to tell of a failure.
  static_cast<void>(write(failure, &told, sizeof told) < 0);
  _exit(127);
}

absl::Status ExecStatus(const std::vector<std::string>& argv, int error) {
  // Any failure but a missing file is one of a file that is there.
  const std::string what = absl::StrCat("execute ", argv[0]);
  if (error == ENOENT || error == ENOTDIR) {
    return absl::NotFoundError(ErrnoStatus(what, error).message());
  }
  return absl::PermissionDeniedError(ErrnoStatus(what, error).message());
}

}  // namespace

std::vector<char*> ExecPointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) {
    pointers.push_back(const_cast<char*>(string.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv,
                            absl::FunctionRef<int()> prepare, int cgroup) {
  CSA_ASSIGN_OR_RETURN(Pipe failure, OpenPipe());
  const std::vector<char*> arguments = ExecPointers(argv);
  const pid_t pid =
      VforkAndExecute(arguments.data(), prepare, failure.writer.get(), cgroup);
  if (pid < 0 && cgroup >= 0) {
    return absl::UnavailableError(ErrnoStatus("fork into a cgroup").message());
  }
  if (pid < 0) return ErrnoStatus("fork");
  failure.writer.Reset();
  Failure told;
  const ssize_t got = RetryOnEintr(
      [&] { return read(failure.reader.get(), &told, sizeof told); });
  if (got != static_cast<ssize_t>(sizeof told)) return pid;
  CSA_RETURN_IF_ERROR(Reap(pid).status());
  if (told.prepared) return ExecStatus(argv, told.error);
  return absl::InternalError(
      ErrnoStatus(absl::StrCat("prepare the process of ", argv[0]), told.error)
          .message());
}

absl::Status Execute(const std::vector<std::string>& argv) {
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  if (!InjectFault("exec")) execvp(argv[0].c_str(), ExecPointers(argv).data());
  return ExecStatus(argv, errno);
}

absl::StatusOr<int> Reap(pid_t pid) {
  int wait_status = 0;
  const pid_t reaped = RetryOnEintr(
      [&] { return InjectFault("reap") ? -1 : waitpid(pid, &wait_status, 0); });
  if (reaped < 0) {
    return ErrnoStatus(absl::StrCat("wait for child ", pid));
  }
  return wait_status;
}

absl::StatusOr<pid_t> ForkWorker(absl::FunctionRef<void()> work) {
  const pid_t parent = getpid();
  const pid_t pid = InjectFault("fork") ? -1 : fork();
  if (pid < 0) return ErrnoStatus("fork");
  if (pid == 0) {
    if (DieWithParent(parent) == 0) work();
    _exit(0);
  }
  return pid;
}

absl::StatusOr<std::optional<EndedChild>> ReapAny() {
  int wait_status = 0;
  const pid_t pid = RetryOnEintr([&] {
    return InjectFault("reap") ? -1
                               : waitpid(-1, &wait_status, WNOHANG | __WALL);
  });
  if (pid < 0 && errno == ECHILD) return absl::NotFoundError("no children");
  if (pid < 0) return ErrnoStatus("wait for a child");
  if (pid == 0) return std::nullopt;
  return EndedChild{.pid = pid, .wait_status = wait_status};
}

absl::StatusOr<std::string> PathBesideExecutable(absl::string_view name) {
  std::string path(PATH_MAX, '\0');
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size < 0) {
    const absl::Status failed = ErrnoStatus("read /proc/self/exe");
    CSA_RETURN_IF_ERROR(CheckProcMounted());
    return failed;
  }
  path.resize(static_cast<size_t>(size));
  return absl::StrCat(path.substr(0, path.rfind('/') + 1), name);
}

absl::StatusOr<std::string> FindExecutable(const std::string& name) {
  bool found = false;
  const auto is_executable = [&](const std::string& path) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0) return false;
    found = true;
    return S_ISREG(status.st_mode) &&
           faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
  };
  const bool is_path = name.empty() || absl::StrContains(name, '/');
  if (is_path && is_executable(name)) return name;
  // Where there is no PATH, execvp(3) looks here.
  const char* const path = std::getenv("PATH");
  for (const absl::string_view directory :
       absl::StrSplit(path == nullptr ? "/bin:/usr/bin" : path, ':')) {
    if (is_path) break;
    // An empty entry is the working directory.
    const absl::string_view where = directory.empty() ? "." : directory;
    std::string candidate = absl::StrCat(where, "/", name);
    if (is_executable(candidate)) return candidate;
  }
  if (found) {
    return absl::PermissionDeniedError(
        absl::StrCat(name, " is there, but may not be executed"));
  }
  return absl::NotFoundError(
      absl::StrCat(name, is_path ? " does not exist" : " is not on PATH"));
}

bool IsTerminal(int fd) { return isatty(fd) == 1; }

std::optional<size_t> TerminalWidth(int fd) {
  winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return std::nullopt;
  // A serial line, say, does not know.
  constexpr size_t kUnknown = 80;
  return size.ws_col == 0 ? kUnknown : size.ws_col;
}

absl::Status OpenClosedStandardStreams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free descriptor is taken, which is `fd`. What is written to
    // stdout must not seem to arrive.
    const int flags = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    if (open("/dev/null", flags) < 0) return ErrnoStatus("open /dev/null");
  }
  return absl::OkStatus();
}

absl::Status CloseOnExec(int fd) {
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("descriptor ", fd, " is not open"));
}

size_t RaiseDescriptorLimit() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
  // The kernel may allow less by now than the hard limit says.
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

absl::Status CloseInheritedDescriptors(int keep) {
  const auto close_all = [](unsigned first, unsigned last) {
    return InjectFault("close_range") ? -1 : close_range(first, last, 0);
  };
  const bool keeps = keep > 2;
  if (keeps && keep > 3 && close_all(3, static_cast<unsigned>(keep) - 1) != 0) {
    return ErrnoStatus("close inherited descriptors");
  }
  if (close_all(keeps ? static_cast<unsigned>(keep) + 1 : 3, ~0U) != 0) {
    return ErrnoStatus("close inherited descriptors");
  }
  return absl::OkStatus();
}

mode_t KeepFilesPrivate() { return umask(S_IRWXG | S_IRWXO); }

void SetUmask(mode_t mask) { umask(mask); }

void LeavePosixSession() {
  if (!InjectFault("setsid")) setsid();
}

int LeaveProcessGroup() {
  return !InjectFault("setpgid") && setpgid(0, 0) == 0 ? 0 : errno;
}

void SignalGroup(pid_t leader, int signal) {
  if (!InjectFault("kill")) kill(-leader, signal);
}

int MoveTo(int fd, int target) {
  // dup2 of a descriptor onto itself would leave close-on-exec as it is.
  if (fd == target) return fcntl(fd, F_SETFD, 0) == 0 ? 0 : errno;
  return !InjectFault("dup2") && dup2(fd, target) >= 0 ? 0 : errno;
}

absl::Status BecomeSubreaper() {
  if (!InjectFault("subreaper") && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0) {
    return absl::OkStatus();
  }
  return ErrnoStatus("become a subreaper");
}

int DieWithParent(pid_t parent) {
  if (InjectFault("pdeathsig") || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    return errno;
  }
  return getppid() == parent ? 0 : ESRCH;
}

absl::Status OutliveParent() {
  if (prctl(PR_SET_PDEATHSIG, 0) == 0) return absl::OkStatus();
  return ErrnoStatus("outlive the parent");
}

ChildrenUsage UsageOfChildren() {
  rusage usage = {};
  getrusage(RUSAGE_CHILDREN, &usage);
  return {.cpu = absl::DurationFromTimeval(usage.ru_utime) +
                 absl::DurationFromTimeval(usage.ru_stime),
          .max_rss_kb = usage.ru_maxrss};
}

void ReleaseCode() {
  // Headers and code: nothing that is ever written to. The rest of the last
  // page is left alone.
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(&__executable_start);
  const auto end = reinterpret_cast<uintptr_t>(&etext) / page * page;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): it was a pointer
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

absl::StatusOr<Pipe> OpenPipe() {
  int ends[2];
  if (InjectFault("pipe") || pipe2(ends, O_CLOEXEC) != 0) {
    return ErrnoStatus("open a pipe");
  }
  return Pipe{.reader = UniqueFd(ends[0]), .writer = UniqueFd(ends[1])};
}

}  // namespace csa
