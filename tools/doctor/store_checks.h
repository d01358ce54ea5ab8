// Where csa keeps its sessions, and how they are.

#ifndef CSA_TOOLS_DOCTOR_STORE_CHECKS_H_
#define CSA_TOOLS_DOCTOR_STORE_CHECKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/doctor/finding.h"

namespace csa {

// Looks at the state directory, which it does not make, and at each session.
std::vector<Finding> CheckStore();

// The sessions of a store.
struct Census {
  int running = 0;
  int finished = 0;
  int lost = 0;         // nothing of it has been recorded
  int unreadable = 0;   // what state it is in cannot be told
  std::string problem;  // why the newest of those cannot be read
};

// What is found of them, of the space that is left in bytes, and of whether
// files can be locked (CheckLocks).
Finding JudgeSessions(const Census& census);
Finding JudgeFreeSpace(const absl::StatusOr<int64_t>& bytes);
Finding JudgeLocks(const absl::Status& locks);

}  // namespace csa

#endif  // CSA_TOOLS_DOCTOR_STORE_CHECKS_H_
