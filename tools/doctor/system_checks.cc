#include "tools/doctor/system_checks.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/file_watch.h"
#include "common/os/kernel.h"
#include "common/os/pid_fd.h"
#include "common/os/proc.h"

namespace csa {
namespace {

using Result = Finding::Result;

// The option of proc(5) that hides processes of others from the caller, as the
// last mount on /proc has it; "" where it has none.
std::string HidingOption(absl::string_view mounts) {
  std::string hiding;
  for (const absl::string_view line : absl::StrSplit(mounts, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
    if (fields.size() < 4 || fields[1] != "/proc") continue;
    hiding.clear();
    for (const absl::string_view option : absl::StrSplit(fields[3], ',')) {
      if (absl::StartsWith(option, "hidepid=") && option != "hidepid=0" &&
          option != "hidepid=off") {
        hiding = std::string(option);
      }
    }
  }
  return hiding;
}

absl::Status SendNoSignal(const absl::StatusOr<PidFd>& process) {
  return process.ok() ? process->Signal(0)
                      : absl::UnknownError("not tried without pidfd_open");
}

Finding JudgeRename(const absl::Status& there) {
  Finding finding = {.check = "renameat2", .found = "available"};
  if (there.ok()) return finding;
  finding.result = Result::kWarning;
  finding.found = std::string(there.message());
  finding.advice =
      "link(2) takes its place, but does not on a full tmpfs: keep sessions "
      "on a disk";
  return finding;
}

}  // namespace

Finding JudgeCall(const std::string& call, const absl::Status& there) {
  if (there.ok()) return {.check = call, .found = "available"};
  return {.check = call,
          .result = Result::kError,
          .found = std::string(there.message()),
          .advice = absl::StrCat("run csa on ", kMinimumKernel,
                                 " or later, and where no filter of system "
                                 "calls (seccomp) refuses it")};
}

Finding JudgeProc(const absl::Status& mounted, absl::string_view mounts,
                  bool privileged) {
  Finding finding = {.check = "proc"};
  const std::string hiding = HidingOption(mounts);
  if (!mounted.ok()) {
    finding.result = Result::kError;
    finding.found = "/proc is not mounted here, or another pid namespace's";
    finding.advice =
        "mount -t proc proc /proc: without it, the processes of a session "
        "cannot be found";
  } else if (!hiding.empty() && !privileged) {
    finding.result = Result::kWarning;
    finding.found = absl::StrCat("/proc hides processes of others: ", hiding);
    finding.advice =
        "what a session starts as another user (sudo) is seen by its pid "
        "alone: mount -o remount,hidepid=0 /proc";
  } else {
    finding.found = "mounted, and hides nothing";
  }
  return finding;
}

Finding JudgePidNamespace(uint64_t inode) {
  Finding finding = {.check = "pid_namespace", .found = "the machine's own"};
  if (inode == kInitialPidNamespace) return finding;
  finding.result = Result::kWarning;
  finding.found = inode == 0 ? "not known" : "another than the machine's own";
  finding.advice =
      "sessions started here end with the first process of this container, "
      "and can be ended only from in here: start what is to outlive it outside";
  return finding;
}

Finding JudgeChildren(bool listed) {
  Finding finding = {.check = "proc_children",
                     .found = "the kernel lists children"};
  if (listed) return finding;
  finding.result = Result::kWarning;
  finding.found = "the kernel does not list children";
  finding.advice =
      "ending a session reads all of /proc, and takes longer: a kernel with "
      "CONFIG_PROC_CHILDREN is quicker";
  return finding;
}

Finding JudgeCgroups(const absl::StatusOr<CgroupPlace>& place) {
  if (place.ok()) {
    return {.check = "cgroup",
            .found = absl::StrCat("each session has one, in ", place->path)};
  }
  return {
      .check = "cgroup",
      .result = Result::kWarning,
      .found = absl::StrCat("sessions have none: ", place.status().message()),
      .advice =
          "when a supervisor is killed, what had cleared its "
          "environment is not found: with systemd, start sessions by "
          "systemd-run --user --scope --property=Delegate=yes"};
}

Finding JudgeMemoryLimit(const absl::StatusOr<CgroupPlace>& place) {
  const absl::Status& memory = place.ok() ? place->memory : place.status();
  if (memory.ok()) {
    return {.check = "memory_limit", .found = "--memory-max is available"};
  }
  return {.check = "memory_limit",
          .result = Result::kWarning,
          .found = absl::StrCat("--memory-max is refused: ", memory.message()),
          .advice =
              "with systemd, limit a session from outside: systemd-run "
              "--user --scope --property=MemoryMax=4G csa run …"};
}

Finding JudgeInotify(const absl::Status& watch) {
  if (watch.ok()) return {.check = "inotify", .found = "instances are left"};
  return {.check = "inotify",
          .result = Result::kWarning,
          .found = std::string(watch.message()),
          .advice =
              "who follows a session looks for output every 100 ms: raise "
              "fs.inotify.max_user_instances with sysctl"};
}

std::vector<Finding> CheckSystem() {
  const absl::StatusOr<PidFd> self = PidFd::Open(getpid());
  const absl::StatusOr<CgroupPlace> place = FindCgroupPlace();
  constexpr size_t kMostMounts = size_t{16} << 20;
  const std::string mounts =
      ReadFileAt(AT_FDCWD, "/proc/self/mounts", kMostMounts).value_or("");
  return {
      {.check = "kernel", .found = KernelRelease()},
      JudgeCall("pidfd_open", self.status()),
      JudgeCall("pidfd_send_signal", SendNoSignal(self)),
      JudgeCall("close_range", CheckCloseRange()),
      JudgeRename(CheckRenameNoReplace()),
      JudgeProc(CheckProcMounted(), mounts, geteuid() == 0),
      JudgePidNamespace(OwnPidNamespace()),
      JudgeChildren(KernelListsChildren()),
      JudgeCgroups(place),
      JudgeMemoryLimit(place),
      JudgeInotify(FileWatch::Open({}).status()),
  };
}

}  // namespace csa
