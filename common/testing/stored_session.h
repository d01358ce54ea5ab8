// Sessions for tests of what reads them: records, and no supervisor.

#ifndef CSA_COMMON_TESTING_STORED_SESSION_H_
#define CSA_COMMON_TESTING_STORED_SESSION_H_

#include "common/session/session_directory.h"
#include "common/session/session_spec.h"

namespace csa {

// Makes a session that can be seen, with this record, in the store that
// CSA_STATE_DIR names; `spec` has its id. Fails the test where it cannot.
SessionDirectory StoreSession(const SessionSpec& spec);

}  // namespace csa

#endif  // CSA_COMMON_TESTING_STORED_SESSION_H_
