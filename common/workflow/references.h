// What the steps of a workflow refer to: variables, and the steps before them.

#ifndef CSA_COMMON_WORKFLOW_REFERENCES_H_
#define CSA_COMMON_WORKFLOW_REFERENCES_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/workflow/variables.h"
#include "common/workflow/workflow.h"

namespace csa {

// All that `step` mentions: in its prompt, or script, its tier, session,
// conditions and lists.
std::vector<VariableUse> MentionsOf(const Step& step);

// The ids of the steps whose outcome `step` mentions, each once, in order.
std::set<int> StepsMentionedBy(const Step& step);

// The names of all variables that are mentioned in the workflow, or declared.
std::set<std::string> NamesMentionedIn(const Workflow& workflow);

// Those that something else than a script mentions: a prompt, a condition, a
// list.
std::set<std::string> NamesMentionedOutsideScripts(const Workflow& workflow);

// Fills in what follows from what the steps mention: their depends_on, and the
// variables of the workflow, sorted. A variable that a loop around the step, or
// a step's outcome, has is none of these. Its default is the fallback that all
// have who mention it, if all do; a condition alone need not.
void AddReferences(Workflow& workflow);

// `text` or `condition` with the numbers in STEP_1_OUTPUT and the like raised
// by `shift`.
std::string ShiftSteps(absl::string_view text, int shift);
Condition ShiftSteps(const Condition& condition, int shift);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_REFERENCES_H_
