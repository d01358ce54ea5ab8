#include "common/os/cgroup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/fault_point.h"
#include "common/os/file.h"
#include "common/os/poll.h"

namespace csa {
namespace {

constexpr std::array<const char*, 2> kMountPoints = {"/sys/fs/cgroup",
                                                     "/sys/fs/cgroup/unified"};
constexpr size_t kNoLimit = std::numeric_limits<size_t>::max() / 2;

// The controllers that a cgroup has, and those that it gives down.
constexpr char kControllers[] = "cgroup.controllers";
constexpr char kGivenDown[] = "cgroup.subtree_control";

bool IsVersion2(const struct statfs& file_system) {
  return file_system.f_type == CGROUP2_SUPER_MAGIC;
}

// Whether `file`, a list of controllers, has that of memory.
absl::StatusOr<bool> ListsMemory(int cgroup, const std::string& file) {
  CSA_ASSIGN_OR_RETURN(const std::string list,
                       ReadFileAt(cgroup, file, kNoLimit));
  const std::vector<absl::string_view> words =
      absl::StrSplit(list, absl::ByAnyChar(" \n"));
  return std::find(words.begin(), words.end(), "memory") != words.end();
}

absl::StatusOr<std::vector<pid_t>> ProcessesIn(int cgroup) {
  CSA_ASSIGN_OR_RETURN(const std::string lines,
                       ReadFileAt(cgroup, "cgroup.procs", kNoLimit));
  std::vector<pid_t> processes;
  for (const absl::string_view line : absl::StrSplit(lines, '\n')) {
    pid_t pid;
    // One in another pid namespace shows as 0.
    if (absl::SimpleAtoi(line, &pid) && pid > 0) processes.push_back(pid);
  }
  return processes;
}

// Whether there are cgroups below it: each counts as a link to it (kernfs).
bool HasCgroupsBelow(int cgroup) {
  struct stat status;
  return fstat(cgroup, &status) == 0 && status.st_nlink > 2;
}

// The names in the directory of a cgroup. What is no cgroup is no directory.
absl::StatusOr<std::vector<std::string>> NamesIn(int parent,
                                                 const std::string& path) {
  CSA_ASSIGN_OR_RETURN(UniqueFd directory,
                       OpenAt(parent, path, O_RDONLY | O_DIRECTORY));
  std::vector<std::string> names;
  CSA_RETURN_IF_ERROR(
      ListDirectory(std::move(directory), [&](absl::string_view name) {
        names.emplace_back(name);
        return true;
      }));
  return names;
}

// Adds the processes in a cgroup and those below it.
absl::Status AddProcessesInTree(int cgroup, std::vector<pid_t>& processes) {
  CSA_ASSIGN_OR_RETURN(const std::vector<pid_t> own, ProcessesIn(cgroup));
  processes.insert(processes.end(), own.begin(), own.end());
  if (!HasCgroupsBelow(cgroup)) return absl::OkStatus();
  CSA_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                       NamesIn(cgroup, "."));
  for (const std::string& name : names) {
    // One that is removed meanwhile has no processes.
    const absl::StatusOr<UniqueFd> below =
        OpenAt(cgroup, name, O_RDONLY | O_DIRECTORY);
    if (below.ok()) {
      static_cast<void>(AddProcessesInTree(below->get(), processes));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> OwnCgroup() {
  struct statfs file_system;
  for (const char* const mount_point : kMountPoints) {
    if (statfs(mount_point, &file_system) != 0 || !IsVersion2(file_system)) {
      continue;
    }
    CSA_ASSIGN_OR_RETURN(
        const std::string lines,
        ReadFileAt(AT_FDCWD, "/proc/thread-self/cgroup", kNoLimit));
    for (absl::string_view line : absl::StrSplit(lines, '\n')) {
      // "0::/path"; "/../path" when it is outside the caller's namespace.
      if (!absl::ConsumePrefix(&line, "0::/") || absl::StartsWith(line, "..")) {
        continue;
      }
      return absl::StrCat(mount_point, line.empty() ? "" : "/", line);
    }
  }
  return absl::NotFoundError("cgroups of version 2 are not mounted here");
}

absl::StatusOr<Cgroup> Cgroup::Make(const std::string& path) {
  CSA_RETURN_IF_ERROR(MakeDirectoryAt(AT_FDCWD, path));
  return Open(path);
}

absl::StatusOr<Cgroup> Cgroup::Open(const std::string& path) {
  CSA_ASSIGN_OR_RETURN(UniqueFd fd,
                       OpenAt(AT_FDCWD, path, O_RDONLY | O_DIRECTORY));
  struct statfs file_system;
  if (fstatfs(fd.get(), &file_system) != 0 || !IsVersion2(file_system)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is no cgroup"));
  }
  return Cgroup(std::move(fd));
}

absl::Status Cgroup::Enter() const { return Write("cgroup.procs", "0"); }

absl::StatusOr<std::vector<pid_t>> Cgroup::Processes() const {
  return ProcessesIn(fd_.get());
}

absl::StatusOr<std::vector<pid_t>> Cgroup::ProcessesInTree() const {
  std::vector<pid_t> processes;
  CSA_RETURN_IF_ERROR(AddProcessesInTree(fd_.get(), processes));
  return processes;
}

absl::Status Cgroup::Kill() const { return Write("cgroup.kill", "1"); }

absl::StatusOr<bool> Cgroup::AwaitEmpty(absl::Time deadline) const {
  CSA_ASSIGN_OR_RETURN(const UniqueFd events,
                       OpenAt(fd_.get(), "cgroup.events", O_RDONLY));
  while (true) {
    std::array<char, 256> text;
    const ssize_t size = RetryOnEintr(
        [&] { return pread(events.get(), text.data(), text.size(), 0); });
    if (size < 0) return ErrnoStatus("read cgroup.events");
    const absl::string_view lines(text.data(), static_cast<size_t>(size));
    if (absl::StrContains(lines, "populated 0\n")) return true;
    // A change since it was last read is an event: kernfs, POLLPRI.
    pollfd change = {.fd = events.get(), .events = POLLPRI, .revents = 0};
    CSA_ASSIGN_OR_RETURN(const bool changed,
                         PollUntil(absl::Span<pollfd>(&change, 1), deadline));
    if (!changed) return false;
  }
}

absl::Status Cgroup::EnableMemoryBelow() const {
  return Write(kGivenDown, "+memory");
}

absl::Status Cgroup::CheckMemoryBelow() const {
  CSA_ASSIGN_OR_RETURN(const bool has, ListsMemory(fd_.get(), kControllers));
  if (!has) {
    return absl::FailedPreconditionError("it has no memory controller");
  }
  CSA_ASSIGN_OR_RETURN(const bool gives, ListsMemory(fd_.get(), kGivenDown));
  if (gives) return absl::OkStatus();
  CSA_ASSIGN_OR_RETURN(const std::vector<pid_t> processes, Processes());
  // The root alone may have processes and give a controller down. It has no
  // type.
  if (!processes.empty() && ExistsAt(fd_.get(), "cgroup.type")) {
    return absl::FailedPreconditionError(
        "it has processes of its own, and so cannot give its memory "
        "controller down");
  }
  return OpenAt(fd_.get(), kGivenDown, O_WRONLY).status();
}

absl::Status Cgroup::LimitMemory(int64_t bytes) const {
  return Write("memory.max", absl::StrCat(bytes));
}

std::optional<int64_t> Cgroup::MemoryPeak() const {
  const absl::StatusOr<std::string> text =
      ReadFileAt(fd_.get(), "memory.peak", kNoLimit);
  int64_t bytes;
  if (!text.ok() || !absl::SimpleAtoi(*text, &bytes)) return std::nullopt;
  return bytes;
}

absl::Status Cgroup::Write(const std::string& file,
                           absl::string_view text) const {
  CSA_ASSIGN_OR_RETURN(const UniqueFd fd, OpenAt(fd_.get(), file, O_WRONLY));
  return WriteAll(fd.get(), text);
}

absl::Status RemoveCgroup(const std::string& path) {
  const auto remove = [&]() -> absl::Status {
    const int result = InjectFault("rmdir_cgroup") ? -1 : rmdir(path.c_str());
    if (result == 0) return absl::OkStatus();
    return ErrnoStatus(absl::StrCat("remove cgroup ", path));
  };
  absl::Status removed = remove();
  if (!absl::IsFailedPrecondition(removed)) return removed;
  CSA_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                       NamesIn(AT_FDCWD, path));
  for (const std::string& name : names) {
    static_cast<void>(RemoveCgroup(absl::StrCat(path, "/", name)));
  }
  return remove();
}

}  // namespace csa
