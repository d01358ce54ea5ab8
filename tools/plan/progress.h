// What a plan tells of itself as it goes on.

#ifndef CSA_TOOLS_PLAN_PROGRESS_H_
#define CSA_TOOLS_PLAN_PROGRESS_H_

#include <map>
#include <string>
#include <vector>

#include "common/workflow/workflow.h"
#include "tools/plan/event.h"

namespace csa {

// A line for people about `event`, of a plan of `workflow`; "" where there is
// nothing to tell.
std::string DescribeEvent(const Workflow& workflow, const Event& event);

// The table of all turns in `turns`, their last events, and below it a line
// that counts them and says what to do. `plan` is the id of the session, and
// `end` the event that ended the plan. Without the newline at the end.
std::string FormatSummary(const Workflow& workflow, const std::string& plan,
                          const std::vector<Event>& turns, const Event& end);

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_PROGRESS_H_
