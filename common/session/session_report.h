// What is said of a session to those who waited for it, or ended it.

#ifndef CSA_COMMON_SESSION_SESSION_REPORT_H_
#define CSA_COMMON_SESSION_SESSION_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/os/proc.h"
#include "common/session/session_directory.h"
#include "common/session/session_state.h"

namespace csa {

// One JSON object: session_id, state, status, exit_code, summary, wall_seconds,
// stdout_path, stderr_path. Of a running session, what is not known yet is
// null. A lost one is "lost" whether that has been published or not.
std::string FormatStateJson(const SessionDirectory& session,
                            const SessionState& state);

// Whether `state` is that of a session whose supervisor died without a result.
bool IsLost(const SessionState& state);

// "finished", "running" or "lost": a session is lost whether that has been
// recorded or not.
absl::string_view ReportedStateName(const SessionState& state);

// For people: a process that could not be ended, and whose it is.
std::string DescribeAlive(const ProcessStat& process);

// For people: that it is lost, where its output is, what to do.
std::string DescribeLost(const SessionDirectory& session);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_REPORT_H_
