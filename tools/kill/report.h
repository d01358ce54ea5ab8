// What csa-kill says.

#ifndef CSA_TOOLS_KILL_REPORT_H_
#define CSA_TOOLS_KILL_REPORT_H_

#include <string>
#include <vector>

#include "common/session/ending.h"
#include "common/session/session_id.h"

namespace csa {

// "<id> ended", "<id> already ended" or "<id> still alive".
std::string FormatEnding(const SessionId& id, const Ending& ending);

// {"session_id":…,"outcome":"ended|already_ended|still_alive","strays":…}
std::string FormatEndingJson(const SessionId& id, const Ending& ending);

// Lines for people: who is still alive (pid, user id, command), and what cannot
// be known of a lost session.
std::vector<std::string> DescribeLeftovers(const SessionId& id,
                                           const Ending& ending);

}  // namespace csa

#endif  // CSA_TOOLS_KILL_REPORT_H_
