// Ending all that a program has started, whatever becomes of it.

#ifndef CSA_TESTS_SOAK_GUARDIAN_H_
#define CSA_TESTS_SOAK_GUARDIAN_H_

#include "absl/functional/function_ref.h"

namespace csa {

// Calls `work` in a child and waits for its end, or for a signal by which a
// user ends a program. Then kills every process that was forked below the
// child. Returns the exit status of the child, or 128 + the signal's number; 1
// when processes were left over, which are named on stderr: those that do not
// end by themselves within 10 s.
int GuardedRun(absl::FunctionRef<int()> work);

}  // namespace csa

#endif  // CSA_TESTS_SOAK_GUARDIAN_H_
