#include "common/os/proc.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"

namespace csa {
namespace {

// No file that is read here has a fixed limit, an environment least of all.
constexpr size_t kNoLimit = std::numeric_limits<size_t>::max() / 2;

std::string PathOf(pid_t pid, absl::string_view file) {
  return absl::StrCat("/proc/", pid, "/", file);
}

std::string ReadProc(pid_t pid, absl::string_view file) {
  return ReadFileAt(AT_FDCWD, PathOf(pid, file), kNoLimit).value_or("");
}

absl::StatusOr<std::string> ReadEnvironment(pid_t pid) {
  return ReadFileAt(AT_FDCWD, PathOf(pid, "environ"), kNoLimit);
}

// Whether `status` says that a process has ended, and not that it could not be
// looked at.
bool HasEnded(const absl::Status& status) {
  return absl::IsNotFound(status) && CheckProcMounted().ok();
}

// The names in a directory of /proc that are numbers.
std::vector<pid_t> NumbersIn(const std::string& path) {
  std::vector<pid_t> numbers;
  absl::StatusOr<UniqueFd> directory =
      OpenAt(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  absl::Status listed = directory.status();
  if (directory.ok()) {
    listed = ListDirectory(*std::move(directory), [&](absl::string_view name) {
      pid_t number;
      if (absl::SimpleAtoi(name, &number)) numbers.push_back(number);
      return true;
    });
  }
  // What ends while it is listed is missed, which is as good as listed later.
  if (!listed.ok() && !HasEnded(listed)) numbers.push_back(kUnseenProcess);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<pid_t> ChildrenByParentId(pid_t parent) {
  std::vector<pid_t> children;
  for (const pid_t pid : AllProcesses()) {
    const absl::StatusOr<ProcessStat> stat = ReadProcessStat(pid);
    const bool unseen =
        pid == kUnseenProcess || (!stat.ok() && !HasEnded(stat.status()));
    if (unseen || (stat.ok() && stat->parent == parent)) {
      children.push_back(unseen ? kUnseenProcess : pid);
    }
  }
  return children;
}

}  // namespace

absl::StatusOr<ProcessStat> ParseProcessStat(absl::string_view line) {
  const absl::Status malformed = absl::DataLossError(
      absl::StrCat("no line of /proc/PID/stat: ", line.substr(0, 80)));
  ProcessStat stat;
  // The command may hold blanks and parentheses: it ends at the last one.
  const size_t open = line.find(" (");
  const size_t close = line.rfind(") ");
  if (open == line.npos || close == line.npos || close < open) return malformed;
  stat.comm = std::string(line.substr(open + 2, close - open - 2));
  // state(3) ppid(4) pgrp(5) … num_threads(20) … starttime(22) vsize(23) …
  // env_end(51), counted as proc(5) does. Kernels before Linux 3.5 end before
  // the last one.
  const std::vector<absl::string_view> fields =
      absl::StrSplit(line.substr(close + 2), ' ');
  constexpr size_t kFirst = 3;
  if (fields.size() <= 22 - kFirst || fields[0].size() != 1 ||
      !absl::SimpleAtoi(line.substr(0, open), &stat.pid) ||
      !absl::SimpleAtoi(fields[4 - kFirst], &stat.parent) ||
      !absl::SimpleAtoi(fields[5 - kFirst], &stat.group) ||
      !absl::SimpleAtoi(fields[20 - kFirst], &stat.threads) ||
      !absl::SimpleAtoi(fields[22 - kFirst], &stat.start_ticks)) {
    return malformed;
  }
  stat.state = fields[0][0];
  stat.between_programs = fields.size() > 51 - kFirst &&
                          fields[23 - kFirst] != "0" &&
                          fields[51 - kFirst] == "0";
  return stat;
}

absl::StatusOr<ProcessStat> ReadProcessStat(pid_t pid) {
  const std::string path =
      pid == 0 ? "/proc/thread-self/stat" : PathOf(pid, "stat");
  // A process that ends between open and read gives ESRCH: NotFound as well.
  CSA_ASSIGN_OR_RETURN(const std::string line,
                       ReadFileAt(AT_FDCWD, path, kNoLimit));
  return ParseProcessStat(line);
}

bool KernelListsChildren() {
  // Where there is no /proc now, there may be one later.
  static bool lists = false;
  lists =
      lists || faccessat(AT_FDCWD, "/proc/thread-self/children", R_OK, 0) == 0;
  return lists;
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  if (!KernelListsChildren()) return ChildrenByParentId(pid);
  std::vector<pid_t> children;
  for (const pid_t thread : NumbersIn(PathOf(pid, "task"))) {
    const absl::StatusOr<std::string> list = ReadFileAt(
        AT_FDCWD, PathOf(pid, absl::StrCat("task/", thread, "/children")),
        kNoLimit);
    if (thread == kUnseenProcess || (!list.ok() && !HasEnded(list.status()))) {
      children.push_back(kUnseenProcess);
      continue;
    }
    for (const absl::string_view word :
         absl::StrSplit(list.value_or(""), ' ', absl::SkipEmpty())) {
      pid_t child;
      if (absl::SimpleAtoi(word, &child)) children.push_back(child);
    }
  }
  return children;
}

std::vector<pid_t> AllProcesses() {
  std::vector<pid_t> processes = NumbersIn("/proc");
  // The caller is always there to be seen.
  if (processes.empty()) processes.push_back(kUnseenProcess);
  return processes;
}

std::string EnvironmentOf(pid_t pid) {
  // What execve(2) leaves out for some microseconds is worth another look, but
  // not for ever: it may have to wait for a disk.
  constexpr int kMostLooks = 1000;
  absl::StatusOr<std::string> shown = ReadEnvironment(pid);
  for (int look = 0; shown.ok() && shown->empty(); ++look) {
    const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
    if (look == kMostLooks || !process.ok() || !process->between_programs) {
      break;
    }
    sched_yield();
    shown = ReadEnvironment(pid);
  }
  std::string environment = std::move(shown).value_or("");
  if (!environment.empty()) return environment;
  // The first thread may have ended before the others, and shows nothing then.
  for (const pid_t thread : NumbersIn(PathOf(pid, "task"))) {
    environment = ReadProc(pid, absl::StrCat("task/", thread, "/environ"));
    if (!environment.empty()) break;
  }
  return environment;
}

bool MaySeeEnvironmentOf(pid_t pid) {
  return !absl::IsPermissionDenied(
      OpenAt(AT_FDCWD, PathOf(pid, "environ"), O_RDONLY).status());
}

std::optional<std::string> VariableOf(pid_t pid, absl::string_view name) {
  const std::string environment = EnvironmentOf(pid);
  for (absl::string_view entry : absl::StrSplit(environment, '\0')) {
    if (absl::ConsumePrefix(&entry, name) && absl::ConsumePrefix(&entry, "=")) {
      return std::string(entry);
    }
  }
  return std::nullopt;
}

std::string CommandLineOf(pid_t pid) { return ReadProc(pid, "cmdline"); }

absl::StatusOr<int64_t> MemoryOf(pid_t pid) {
  CSA_ASSIGN_OR_RETURN(
      const std::string text,
      ReadFileAt(AT_FDCWD, PathOf(pid, "smaps_rollup"), kNoLimit));
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    // "Pss:                 123 kB"
    int64_t kilobytes = 0;
    if (absl::ConsumePrefix(&line, "Pss:") &&
        absl::ConsumeSuffix(&line, " kB") &&
        absl::SimpleAtoi(line, &kilobytes)) {
      return kilobytes * 1024;
    }
  }
  // Nothing stands there of a process that has ended.
  return absl::NotFoundError(absl::StrCat("process ", pid, " has no memory"));
}

absl::StatusOr<uid_t> OwnerOf(pid_t pid) {
  struct stat status;
  const std::string path = absl::StrCat("/proc/", pid);
  if (stat(path.c_str(), &status) != 0) {
    return ErrnoStatus(absl::StrCat("stat ", path));
  }
  return status.st_uid;
}

std::string DescribeWithParent(pid_t pid) {
  const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
  if (pid < 1 || !process.ok()) return "unknown";
  std::string self = absl::StrCat(pid, " ", process->comm);
  const absl::StatusOr<ProcessStat> parent = ReadProcessStat(process->parent);
  if (process->parent < 1 || !parent.ok()) return self;
  return absl::StrCat(self, " < ", parent->pid, " ", parent->comm);
}

uint64_t OwnPidNamespace() {
  struct stat status;
  return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

absl::Status CheckProcMounted() {
  // /proc/self is empty where /proc shows another pid namespace.
  if (faccessat(AT_FDCWD, "/proc/self/stat", R_OK, 0) == 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "/proc is not mounted here (or is another pid namespace's): without it "
      "the processes of a session cannot be found; mount -t proc proc /proc");
}

}  // namespace csa
