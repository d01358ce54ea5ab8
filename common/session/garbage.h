// Clearing away what sessions have left behind: those that did not end as they
// should, and those that have finished and are not to be kept.

#ifndef CSA_COMMON_SESSION_GARBAGE_H_
#define CSA_COMMON_SESSION_GARBAGE_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/os/proc.h"
#include "common/session/retention.h"
#include "common/session/session_id.h"
#include "common/session/session_store.h"

namespace csa {

// A hidden directory that has changed later than this may be that of a session
// which is being started: there is a moment before its supervisor locks it.
inline constexpr absl::Duration kLeastAge = absl::Hours(1);

// What is to be cleared away.
struct Clearance {
  RetentionLimits limits;                // of finished sessions
  absl::Duration least_age = kLeastAge;  // of hidden directories
  bool dry_run = false;                  // change nothing
};

// What was done about one session, or would be.
struct Clearing {
  enum class Outcome {
    kLost,        // what was left of it is ended, and its loss is published
    kEnded,       // it was to end with another, which is lost, and has ended
    kStillAlive,  // not all of it could be ended: `alive`
    kRemoved,     // its directory is removed
  };
  Outcome outcome;
  int strays = 0;     // the processes that were ended
  int64_t bytes = 0;  // the disk space that it took
  std::vector<ProcessStat> alive;
};

// Is told of each session that something was done about, or why that failed.
using ClearingObserver =
    absl::FunctionRef<void(const SessionId&, const absl::StatusOr<Clearing>&)>;

// Goes through all of `store`. Ends what is left of each lost session and
// publishes that it is lost, as EndSession does; ends the running sessions that
// were to end with it, as its supervisor would have, but none that the caller
// runs in, or that cannot be ended from here; removes the hidden directories
// that no supervisor holds and in which nothing has changed for `least_age`;
// removes the finished sessions, those just ended among them, that are beyond
// the limits. A session that is running, whose supervisor has not gone yet,
// that the caller, or one that is running, runs in or was started from, whose
// result cannot be read, or that was made by the older csa, is not removed; a
// supervisor that was stopped and stayed behind is ended. A dry run changes
// nothing, and tells what the same call would do if all that is to be ended
// could be. Goes on when one of them fails; what is left half done, by this or
// by another that was killed, is done by the next. Several may work at the same
// time. Blocks as long as EndSession for each that is ended. An error: the
// store cannot be listed.
absl::Status CollectGarbage(const SessionStore& store,
                            const Clearance& clearance,
                            ClearingObserver observer);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_GARBAGE_H_
