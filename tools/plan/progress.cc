#include "tools/plan/progress.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/utf8.h"
#include "common/cli/duration.h"
#include "common/session/session_id.h"

namespace csa {
namespace {

constexpr size_t kTitleWidth = 40;

std::string Named(const Workflow& workflow, const Event& event) {
  return absl::StrCat("step ", FormatTurn(event.turn), " of ",
                      workflow.steps.size(), " (", event.title, ")");
}

std::string ShortId(const std::string& session) {
  const absl::StatusOr<SessionId> id = SessionId::Parse(session);
  return id.ok() ? std::string(id->short_text()) : "";
}

std::string WordFor(Outcome outcome) {
  return outcome == Outcome::kLeftOut ? "left out"
                                      : std::string(OutcomeName(outcome));
}

std::string DescribeEnd(const Workflow& workflow, const Event& event) {
  const std::string step = Named(workflow, event);
  const std::string time = FormatShortDuration(event.duration);
  switch (event.outcome) {
    case Outcome::kDone:
      return absl::StrCat(
          step, ": done ",
          event.reason.empty() ? absl::StrCat("in ", time) : event.reason);
    case Outcome::kLeftOut:
      return absl::StrCat(step, ": left out, ", event.reason);
    case Outcome::kManual:
      return absl::StrCat(step, ": to be done by you");
    case Outcome::kAgain:
    case Outcome::kSkipped:
    case Outcome::kFailed:
      break;
  }
  return absl::StrCat(step, ": failed after ", time, ", ", event.reason,
                      event.outcome == Outcome::kAgain     ? "; once more"
                      : event.outcome == Outcome::kSkipped ? "; going on"
                                                           : "");
}

// "3 done, 1 left out".
std::string Count(const std::vector<Event>& turns) {
  std::vector<std::string> parts;
  for (const Outcome outcome :
       {Outcome::kDone, Outcome::kSkipped, Outcome::kLeftOut, Outcome::kManual,
        Outcome::kFailed}) {
    const auto count = std::count_if(
        turns.begin(), turns.end(),
        [&](const Event& event) { return event.outcome == outcome; });
    if (count > 0) parts.push_back(absl::StrCat(count, " ", WordFor(outcome)));
  }
  return parts.empty() ? "nothing to do" : absl::StrJoin(parts, ", ");
}

}  // namespace

std::string DescribeEvent(const Workflow& workflow, const Event& event) {
  switch (event.kind) {
    case Event::Kind::kStepStarted:
      return absl::StrCat(
          Named(workflow, event), ": ", event.tool, ", session ", event.session,
          event.attempt > 1 ? absl::StrCat(", attempt ", event.attempt) : "");
    case Event::Kind::kStepEnded:
      return DescribeEnd(workflow, event);
    case Event::Kind::kPlanStarted:
      return event.resumes.empty()
                 ? ""
                 : absl::StrCat("going on with plan ", event.resumes);
    case Event::Kind::kPlanEnded:
      break;
  }
  return "";
}

std::string FormatSummary(const Workflow& workflow, const std::string& plan,
                          const std::vector<Event>& turns, const Event& end) {
  std::vector<std::string> lines;
  for (const Event& event : turns) {
    const std::string title = EscapeForDisplay(event.title);
    lines.push_back(absl::StrFormat(
        "%-8s %-*s  %-8s %4d  %8s  %s", FormatTurn(event.turn),
        static_cast<int>(kTitleWidth), Utf8Prefix(title, kTitleWidth),
        WordFor(event.outcome), event.exit_code,
        FormatShortDuration(event.duration), ShortId(event.session)));
    absl::StripTrailingAsciiWhitespace(&lines.back());
  }
  std::string last =
      absl::StrCat(EscapeForDisplay(workflow.name), ": ", Count(turns), " in ",
                   FormatShortDuration(end.duration));
  if (end.outcome == Outcome::kManual || end.outcome == Outcome::kFailed) {
    absl::StrAppend(&last, "; go on with: csa plan run --resume ", plan);
  }
  lines.push_back(last);
  return absl::StrJoin(lines, "\n");
}

}  // namespace csa
