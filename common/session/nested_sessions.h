// Telling the supervisors of nested sessions from other descendants.

#ifndef CSA_COMMON_SESSION_NESTED_SESSIONS_H_
#define CSA_COMMON_SESSION_NESTED_SESSIONS_H_

#include <sys/types.h>

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "common/os/file.h"
#include "common/os/proc.h"

namespace csa {

// What happens to nested sessions when the outer one is ended.
enum class Nested {
  kSpared,  // they go on, with all that is below them
  kEnded,
};

// Knows a nested supervisor by the lock that it holds.
class NestedSessions {
 public:
  // `own_lock` is the daemon.pid that no nested session has: the one that the
  // caller holds the lock on, no descriptor of which is opened here, or that of
  // the session that they are nested in.
  explicit NestedSessions(FileIdentity own_lock) : own_lock_(own_lock) {}

  // Whether `process` holds the write lock on the daemon.pid in the directory
  // that CSA_SESSION_DIR names in its environment. The variable is a hint that
  // anybody may set, the lock is the proof.
  bool IsSupervisor(const ProcessStat& process);

 private:
  FileIdentity own_lock_;
  // A supervisor remains one as long as it lives.
  absl::flat_hash_set<std::pair<pid_t, uint64_t>> known_;
};

}  // namespace csa

#endif  // CSA_COMMON_SESSION_NESTED_SESSIONS_H_
