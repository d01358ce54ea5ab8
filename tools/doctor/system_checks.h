// What the kernel and the rest of the system offer to csa.

#ifndef CSA_TOOLS_DOCTOR_SYSTEM_CHECKS_H_
#define CSA_TOOLS_DOCTOR_SYSTEM_CHECKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/session/session_cgroup.h"
#include "tools/doctor/finding.h"

namespace csa {

// Looks at all of it, and changes nothing.
std::vector<Finding> CheckSystem();

// What is found of a system call that csa cannot do without, as `there`, an
// attempt at it, says.
Finding JudgeCall(const std::string& call, const absl::Status& there);

// What is found of /proc: `mounted` says whether it shows the caller, `mounts`
// is what /proc/self/mounts has, and `privileged` whether the caller sees what
// is hidden from others.
Finding JudgeProc(const absl::Status& mounted, absl::string_view mounts,
                  bool privileged);

// The same of the pid namespace that has this inode (OwnPidNamespace), of the
// lists of children, of cgroups, of limits on memory there, and of inotify.
Finding JudgePidNamespace(uint64_t inode);
Finding JudgeChildren(bool listed);
Finding JudgeCgroups(const absl::StatusOr<CgroupPlace>& place);
Finding JudgeMemoryLimit(const absl::StatusOr<CgroupPlace>& place);
Finding JudgeInotify(const absl::Status& watch);

}  // namespace csa

#endif  // CSA_TOOLS_DOCTOR_SYSTEM_CHECKS_H_
