// What happens in the course of a plan: its journal, and what it tells.

#ifndef CSA_TOOLS_PLAN_EVENT_H_
#define CSA_TOOLS_PLAN_EVENT_H_

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/workflow/variables.h"

namespace csa {

// A step, and where it stands in the loops around it: the number of the item of
// each, counted from 1, the outermost first.
struct Turn {
  int step = 0;
  std::vector<int> items;

  friend bool operator==(const Turn&, const Turn&) = default;
  friend bool operator<(const Turn& a, const Turn& b) {
    return std::tie(a.step, a.items) < std::tie(b.step, b.items);
  }
};

// "3", or "3[2.1]".
std::string FormatTurn(const Turn& turn);

// How a turn came out.
enum class Outcome {
  kDone,
  kFailed,   // and the plan with it
  kSkipped,  // it failed, and the plan goes on
  kAgain,    // it failed, and is tried again, or delegated
  kManual,   // it is for a person to do
  kLeftOut,  // its condition does not hold
};

// "done", "failed", "skipped", "again", "manual", "left_out".
absl::string_view OutcomeName(Outcome outcome);

// Whether the step is not run again when the plan is resumed.
bool IsFinal(Outcome outcome);

struct Event {
  enum class Kind { kPlanStarted, kStepStarted, kStepEnded, kPlanEnded };
  Kind kind = Kind::kPlanStarted;

  // Of a plan that starts.
  std::string workflow;  // its name
  std::string path;      // the file
  std::string resumes;   // the id of the plan that it goes on with, or ""
  Variables variables;   // those that it was started with: UTF-8

  // Of a step.
  Turn turn;
  std::string title;
  std::string tool;
  std::string session;  // the id; "" where there is none
  int attempt = 1;

  // Of what has ended.
  Outcome outcome = Outcome::kDone;
  int exit_code = 0;
  absl::Duration duration;
  // Why it has failed, or is left out; of an attempt that starts, why the one
  // before has failed. "" where there is nothing of that.
  std::string reason;
};

// One JSON object, without a newline.
std::string FormatEvent(const Event& event);

// DataLoss where `json_text` is none.
absl::StatusOr<Event> ParseEvent(absl::string_view json_text);

// The file in a plan's session directory that its events are added to.
inline constexpr char kJournalFile[] = "plan.jsonl";

// The file there that has the id of the plan that goes on with it.
inline constexpr char kResumedFile[] = "plan.resumed";

// What a journal, an event on each line, tells of a plan so far.
struct Journal {
  Event start;
  std::map<Turn, Event> last;  // of each turn, the last event
};

// DataLoss where `text` is no journal. A last line that does not end was being
// written when the plan was killed, and is left out.
absl::StatusOr<Journal> ParseJournal(absl::string_view text);

}  // namespace csa

#endif  // CSA_TOOLS_PLAN_EVENT_H_
