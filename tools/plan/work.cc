#include "tools/plan/work.h"

#include <fcntl.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/launch/launch.h"
#include "common/os/clock.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/session/end_watch.h"
#include "common/session/ending.h"
#include "common/session/session_id.h"
#include "common/session/session_report.h"
#include "common/session/session_state.h"
#include "common/session/session_store.h"
#include "tools/plan/progress.h"
#include "tools/plan/request.h"
#include "tools/plan/runner.h"

namespace csa {
namespace {

// The arguments of csa-run or csa-spawn for the session of an attempt.
std::vector<std::string> OptionsFor(const Attempt& attempt,
                                    const LaunchOptions& plans) {
  LaunchOptions options = plans;
  options.id = attempt.session;
  options.description = attempt.description;
  options.timeout = attempt.timeout;
  if (attempt.is_script) {
    options.tool = std::string(kBashTool);
    options.environment.insert(options.environment.end(),
                               attempt.input.environment.begin(),
                               attempt.input.environment.end());
    return FormatLaunchOptions(options);
  }
  const bool is_any = attempt.tool.empty() || attempt.tool == kAnyAgentTool;
  if (!is_any) options.tool = attempt.tool;
  // The tool of a conversation goes on with it; a tier is a choice of tools for
  // steps that name none.
  const StepInput& input = attempt.input;
  std::string choice;
  if (!input.session.empty()) {
    choice = absl::StrCat("--session=", input.session);
  } else if (is_any && !input.tier.empty()) {
    choice = absl::StrCat("--tier=", input.tier);
  }
  if (!choice.empty()) options.tool.clear();
  std::vector<std::string> arguments = FormatLaunchOptions(options);
  if (!choice.empty()) arguments.push_back(choice);
  return arguments;
}

absl::StatusOr<SessionId> Start(const Attempt& attempt,
                                const LaunchOptions& plans) {
  const std::vector<std::string> options = OptionsFor(attempt, plans);
  if (!attempt.is_script) return StartNested(options, attempt.input.text);
  return StartNestedCommand(
      options, {"bash", "-euo", "pipefail", "-c", attempt.input.text});
}

absl::StatusOr<SessionResult> RunInSession(const SessionStore& store,
                                           const Attempt& attempt,
                                           const LaunchOptions& plans) {
  CSA_ASSIGN_OR_RETURN(const SessionId id, SessionId::Parse(attempt.session));
  const absl::StatusOr<SessionId> started = Start(attempt, plans);
  absl::StatusOr<SessionDirectory> session = store.OpenVisible(id);
  // Where there is one, what started it may have died behind that.
  if (!started.ok() && absl::IsNotFound(session.status())) {
    return started.status();
  }
  CSA_RETURN_IF_ERROR(session.status());
  CSA_ASSIGN_OR_RETURN(const SessionState state,
                       AwaitEnd(*session, absl::InfiniteFuture()));
  if (IsLost(state)) {
    // What is left of it would run beside what comes next.
    CSA_RETURN_IF_ERROR(EndSession(*session).status());
    return SessionResult{.status = SessionStatus::kLost};
  }
  return state.result;
}

// Where the events of the plan go: into its journal, and to who looks on.
class Recorder {
 public:
  // Makes the journal, whole from the first moment on: `start`, and what is
  // known of the plan `before` that it goes on with.
  static absl::StatusOr<Recorder> Open(const SessionDirectory& session,
                                       const Workflow& workflow,
                                       const Event& start,
                                       const Journal& before) {
    std::string text = absl::StrCat(FormatEvent(start), "\n");
    for (const auto& [turn, event] : before.last) {
      absl::StrAppend(&text, FormatEvent(event), "\n");
    }
    const std::string hidden = absl::StrCat(".", kJournalFile);
    CSA_RETURN_IF_ERROR(CreateFileAt(session.fd(), hidden, text));
    CSA_RETURN_IF_ERROR(RenameNoReplace(session.fd(), hidden, kJournalFile));
    CSA_ASSIGN_OR_RETURN(
        UniqueFd file, OpenAt(session.fd(), kJournalFile, O_WRONLY | O_APPEND));
    Recorder recorder(std::move(file), workflow);
    CSA_RETURN_IF_ERROR(recorder.Tell(start));
    return recorder;
  }

  absl::Status Record(const Event& event) {
    CSA_RETURN_IF_ERROR(
        WriteAll(journal_.get(), absl::StrCat(FormatEvent(event), "\n")));
    if (event.kind == Event::Kind::kStepEnded &&
        event.outcome != Outcome::kAgain) {
      turns_.push_back(event);
    }
    return Tell(event);
  }

  const std::vector<Event>& turns() const { return turns_; }

 private:
  Recorder(UniqueFd journal, const Workflow& workflow)
      : journal_(std::move(journal)), workflow_(workflow) {}

  absl::Status Tell(const Event& event) const {
    if (Format() == OutputFormat::kJson) {
      PrintResult(FormatEvent(event));
      return FlushResult();
    }
    const std::string text = DescribeEvent(workflow_, event);
    if (!text.empty()) PrintNotice(text);
    return absl::OkStatus();
  }

  UniqueFd journal_;
  const Workflow& workflow_;
  std::vector<Event> turns_;  // how they came out
};

// Makes sure that no other plan goes on with `before`: of several, the first
// that comes here does. What was left by one that did nothing gives way.
absl::Status Claim(const SessionDirectory& before,
                   const SessionDirectory& session, const SessionStore& store) {
  // What is there before the check has passed it: it is of one that did
  // nothing.
  const bool gives_way = ExistsAt(before.fd(), kResumedFile);
  CSA_RETURN_IF_ERROR(CheckNotResumed(before, store));
  if (gives_way) CSA_RETURN_IF_ERROR(RemoveTree(before.fd(), kResumedFile));
  const std::string id = session.id().text();
  const std::string hidden = absl::StrCat(".", kResumedFile, ".", id);
  CSA_RETURN_IF_ERROR(CreateFileAt(before.fd(), hidden, id));
  const absl::Status claimed =
      RenameNoReplace(before.fd(), hidden, kResumedFile);
  if (!absl::IsAlreadyExists(claimed)) return claimed;
  return absl::FailedPreconditionError(absl::StrCat(
      "another plan goes on with ", before.id().text(), " at the same time"));
}

// What a person is to do, or to know: the step's own text.
void ShowTexts(const Workflow& workflow, const Event& event) {
  if (event.kind != Event::Kind::kStepEnded) return;
  const Step& step = workflow.steps[static_cast<size_t>(event.turn.step) - 1];
  const bool is_note =
      event.outcome == Outcome::kDone && KindOf(step) == StepKind::kNote;
  const bool is_new = event.reason != "before";
  if (event.outcome != Outcome::kManual && !(is_note && is_new)) return;
  for (const absl::string_view line :
       absl::StrSplit(is_note ? step.prompt : event.reason, '\n')) {
    PrintNotice(absl::StrCat("  ", line));
  }
}

}  // namespace

absl::StatusOr<ExitStatus> Conduct() {
  const absl::Time start = MonotonicNow();
  CSA_ASSIGN_OR_RETURN(const PlanRequest request, ReadRequest());
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session,
                       store.Find(CallersSession()));
  Plan plan = {.workflow = request.file.workflow,
               .variables = request.variables};
  if (!request.resumes.empty()) {
    CSA_ASSIGN_OR_RETURN(const SessionDirectory before,
                         store.Find(request.resumes));
    CSA_RETURN_IF_ERROR(Claim(before, session, store));
    CSA_ASSIGN_OR_RETURN(plan.journal, ReadJournal(store, request.resumes));
  }
  const Event begin = {.kind = Event::Kind::kPlanStarted,
                       .workflow = plan.workflow.name,
                       .path = request.file.path,
                       .resumes = request.resumes,
                       .variables = request.variables};
  CSA_ASSIGN_OR_RETURN(Recorder recorder, Recorder::Open(session, plan.workflow,
                                                         begin, plan.journal));
  CSA_ASSIGN_OR_RETURN(const ExitStatus status,
                       RunPlan(
                           plan, store,
                           [&](const Attempt& attempt) {
                             return RunInSession(store, attempt,
                                                 request.options);
                           },
                           [&](const Event& event) {
                             CSA_RETURN_IF_ERROR(recorder.Record(event));
                             ShowTexts(plan.workflow, event);
                             return absl::OkStatus();
                           }));
  Event end = {
      .kind = Event::Kind::kPlanEnded,
      .outcome = status == ExitStatus::kSuccess ? Outcome::kDone
                 : status == ExitStatus::kUndecided &&
                         recorder.turns().back().outcome == Outcome::kManual
                     ? Outcome::kManual
                     : Outcome::kFailed,
      .exit_code = static_cast<int>(status),
      .duration = MonotonicNow() - start};
  CSA_RETURN_IF_ERROR(recorder.Record(end));
  if (Format() != OutputFormat::kJson) {
    PrintResult(FormatSummary(plan.workflow, session.id().text(),
                              recorder.turns(), end));
  }
  return status;
}

}  // namespace csa
