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

// Prints all of that: the first, or its JSON, as the result, at once, the lines
// as talk.
void PrintEnding(const SessionId& id, const Ending& ending);

// For people: that a session which was not named goes on, and why.
std::string DescribeSpared(const SessionId& id);

}  // namespace csa

#endif  // CSA_TOOLS_KILL_REPORT_H_
