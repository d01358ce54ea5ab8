// Control groups: cgroups(7), version 2.

#ifndef CSA_COMMON_OS_CGROUP_H_
#define CSA_COMMON_OS_CGROUP_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/os/unique_fd.h"

namespace csa {

// The directory of the cgroup that the caller is in. Version 2 is looked for in
// /sys/fs/cgroup and, where version 1 is used beside it, in
// /sys/fs/cgroup/unified. NotFound when it is in neither, or does not show the
// caller's cgroup there.
absl::StatusOr<std::string> OwnCgroup();

// An open cgroup. It is not removed with the object.
class Cgroup {
 public:
  // Makes the cgroup `path`. AlreadyExists when there is one.
  static absl::StatusOr<Cgroup> Make(const std::string& path);

  // Opens the cgroup `path`. NotFound when there is none; FailedPrecondition
  // when that directory is on another file system.
  static absl::StatusOr<Cgroup> Open(const std::string& path);

  // For Spawn.
  int fd() const { return fd_.get(); }

  // Moves the caller into it. Blocks for some milliseconds on a busy machine:
  // the kernel waits until no process is forking.
  absl::Status Enter() const;

  // The living processes in it that the caller's pid namespace shows.
  absl::StatusOr<std::vector<pid_t>> Processes() const;

  // The same, with those in the cgroups below it.
  absl::StatusOr<std::vector<pid_t>> ProcessesInTree() const;

  // Sends SIGKILL to all that is in it, as one step which no fork escapes:
  // cgroup.kill, Linux 5.14. NotFound on an older kernel.
  absl::Status Kill() const;

  // Blocks until no process in it is alive, whatever its pid namespace, or
  // `deadline` (MonotonicNow()) has come. Returns whether none is.
  absl::StatusOr<bool> AwaitEmpty(absl::Time deadline) const;

  // Lets the memory of cgroups below this one be counted and limited.
  absl::Status EnableMemoryBelow() const;

  // Whether EnableMemoryBelow could: looks, and changes nothing.
  // FailedPrecondition, with the reason, where it could not.
  absl::Status CheckMemoryBelow() const;

  // Limits what its processes use together; over it, the kernel kills.
  // NotFound where the system does not let memory be limited here.
  absl::Status LimitMemory(int64_t bytes) const;

  // The most that its processes have used together; nothing where the system
  // does not count: Linux 5.19.
  std::optional<int64_t> MemoryPeak() const;

 private:
  explicit Cgroup(UniqueFd fd) : fd_(std::move(fd)) {}

  absl::Status Write(const std::string& file, absl::string_view text) const;

  UniqueFd fd_;
};

// Removes the cgroup `path` and those that its processes have made below it.
// NotFound when there is none; FailedPrecondition while there are processes in
// it.
absl::Status RemoveCgroup(const std::string& path);

}  // namespace csa

#endif  // CSA_COMMON_OS_CGROUP_H_
