#include "tools/plan/runner.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/os/clock.h"
#include "common/session/ending.h"
#include "common/session/session_id.h"
#include "common/session/session_report.h"
#include "common/session/session_state.h"
#include "common/workflow/outline.h"
#include "common/workflow/references.h"
#include "tools/plan/step_outcome.h"

namespace csa {
namespace {

// How an attempt came out.
struct Ended {
  int exit_code = 0;
  std::string reason;  // "" where it succeeded
  absl::Duration duration;
};

std::string ReasonFor(const SessionResult& result) {
  if (result.status == SessionStatus::kSuccess) return "";
  return absl::StrCat("status ", SessionStatusName(result.status), ", exit ",
                      result.exit_code);
}

absl::Status StillRuns(const Event& event) {
  return absl::FailedPreconditionError(absl::StrCat(
      "step ", FormatTurn(event.turn), " is still running in session ",
      event.session, ", which its plan has left behind: end it first, with ",
      "csa session kill --session ", event.session));
}

class Runner {
 public:
  Runner(const Plan& plan, const SessionStore& store, AttemptRunner run,
         EventObserver observe)
      : plan_(plan),
        steps_(plan.workflow.steps),
        store_(store),
        run_(run),
        observe_(observe),
        mentioned_(NamesMentionedIn(plan.workflow)) {
    const std::set<std::string> outside =
        NamesMentionedOutsideScripts(plan.workflow);
    for (const WorkflowVariable& variable : plan.workflow.variables) {
      if (!variable.default_value.has_value()) continue;
      if (outside.contains(variable.name)) {
        variables_.Set(variable.name, *variable.default_value);
      } else {
        variables_.SetDefault(variable.name, *variable.default_value);
      }
    }
    for (const auto& [name, value] : plan.variables) {
      variables_.Set(name, value);
    }
  }

  absl::StatusOr<ExitStatus> Run() {
    CSA_RETURN_IF_ERROR(RunNodes(OutlineOf(steps_)));
    return stopped_.value_or(ExitStatus::kSuccess);
  }

 private:
  absl::Status RunNodes(const std::vector<OutlineNode>& nodes) {
    for (const OutlineNode& node : nodes) {
      if (stopped_.has_value()) return absl::OkStatus();
      if (!node.is_block) {
        CSA_RETURN_IF_ERROR(RunStep(steps_[node.step]));
      } else if (node.block.kind == Block::Kind::kFor) {
        CSA_RETURN_IF_ERROR(RunLoop(node));
      } else {
        CSA_RETURN_IF_ERROR(RunIf(node));
      }
    }
    return absl::OkStatus();
  }

  absl::Status RunIf(const OutlineNode& node) {
    const std::string condition = FormatCondition(node.block.condition);
    const absl::Status usable =
        variables_.CheckUsable(VariablesIn(node.block.condition));
    if (!usable.ok()) {
      return Fail(steps_[node.step], absl::StrCat("the condition ", condition,
                                                  ": ", usable.message()));
    }
    if (!Holds(node.block.condition, variables_.values())) {
      CSA_RETURN_IF_ERROR(LeaveOut(
          node.body, absl::StrCat("for ", condition, " does not hold")));
      return RunNodes(node.otherwise);
    }
    CSA_RETURN_IF_ERROR(RunNodes(node.body));
    if (stopped_.has_value()) return absl::OkStatus();
    return LeaveOut(node.otherwise, absl::StrCat("for ", condition, " holds"));
  }

  absl::Status LeaveOut(const std::vector<OutlineNode>& nodes,
                        const std::string& reason) {
    for (const OutlineNode& node : nodes) {
      if (node.is_block) {
        CSA_RETURN_IF_ERROR(LeaveOut(node.body, reason));
        CSA_RETURN_IF_ERROR(LeaveOut(node.otherwise, reason));
        continue;
      }
      Event event = EventFor(steps_[node.step]);
      event.kind = Event::Kind::kStepEnded;
      event.outcome = Outcome::kLeftOut;
      event.reason = reason;
      CSA_RETURN_IF_ERROR(observe_(event));
    }
    return absl::OkStatus();
  }

  absl::Status RunLoop(const OutlineNode& node) {
    const Block& loop = node.block;
    const absl::StatusOr<std::vector<std::string>> items = ItemsIn(loop);
    if (!items.ok()) {
      return Fail(steps_[node.step],
                  absl::StrCat("the loop over ", loop.collection, ": ",
                               items.status().message()));
    }
    if (items->empty()) {
      return LeaveOut(node.body,
                      absl::StrCat("for ", loop.collection, " is empty"));
    }
    // A variable of that name outside of the loop is hidden in it.
    const auto outer = variables_.values().find(loop.variable);
    const std::optional<std::string> hidden =
        outer == variables_.values().end() ? std::nullopt
                                           : std::make_optional(outer->second);
    const bool was_default = variables_.IsDefault(loop.variable);
    items_.push_back(0);
    for (const std::string& item : *items) {
      ++items_.back();
      variables_.Set(loop.variable, item);
      CSA_RETURN_IF_ERROR(RunNodes(node.body));
      if (stopped_.has_value()) break;
    }
    items_.pop_back();
    variables_.Unset(loop.variable);
    if (hidden.has_value() && was_default) {
      variables_.SetDefault(loop.variable, *hidden);
    } else if (hidden.has_value()) {
      variables_.Set(loop.variable, *hidden);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> ItemsIn(const Block& loop) const {
    CSA_RETURN_IF_ERROR(variables_.CheckUsable(FindVariables(loop.collection)));
    CSA_ASSIGN_OR_RETURN(const std::string list,
                         Substitute(loop.collection, variables_.values()));
    std::vector<std::string> items = ItemsOf(list);
    if (items.size() <= static_cast<size_t>(loop.max_iterations)) return items;
    return absl::OutOfRangeError(absl::StrCat("there are ", items.size(),
                                              " items, and MaxIterations is ",
                                              loop.max_iterations));
  }

  absl::Status RunStep(const Step& step) {
    Event event = EventFor(step);
    std::optional<Ended> ended;
    const auto before = plan_.journal.last.find(event.turn);
    if (before != plan_.journal.last.end()) {
      CSA_ASSIGN_OR_RETURN(const bool is_done,
                           TakeUp(step, before->second, event, ended));
      if (is_done) return absl::OkStatus();
    }
    switch (KindOf(step)) {
      case StepKind::kNote:
        return End(event, Outcome::kDone, {});
      case StepKind::kManual:
        return Stop(step, event);
      case StepKind::kBash:
      case StepKind::kAgent:
        return Try(step, std::move(event), std::move(ended));
    }
    return absl::OkStatus();
  }

  // Takes from the plan that is gone on with what its last event of the turn
  // tells. Returns whether the turn is done; else `event` is that of the
  // attempt to go on with, and `ended` how that came out if it did.
  absl::StatusOr<bool> TakeUp(const Step& step, const Event& last, Event& event,
                              std::optional<Ended>& ended) {
    const bool has_ended = last.kind == Event::Kind::kStepEnded;
    if (has_ended && last.outcome == Outcome::kAgain) {
      event.attempt = last.attempt + 1;
      last_failure_ = last.reason;
    }
    if (has_ended && !IsFinal(last.outcome)) return false;
    if (last.session.empty()) {
      if (!has_ended) return false;
      if (last.outcome == Outcome::kSkipped) SetExit(step, last.exit_code);
      event = last;
      event.outcome = last.outcome == Outcome::kSkipped ? Outcome::kSkipped
                                                        : Outcome::kDone;
      if (event.outcome == Outcome::kDone) event.reason = "before";
      CSA_RETURN_IF_ERROR(observe_(event));
      return true;
    }
    CSA_ASSIGN_OR_RETURN(const SessionId id, SessionId::Parse(last.session));
    const absl::StatusOr<SessionDirectory> session = store_.OpenVisible(id);
    // It was to be started, and was not.
    if (!has_ended && absl::IsNotFound(session.status())) return false;
    if (!session.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("what step ", FormatTurn(last.turn), " left is gone: ",
                       session.status().message(), "; run the plan anew"));
    }
    CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(*session));
    if (state.kind == SessionState::Kind::kRunning) return StillRuns(last);
    // It did not end by itself: it ended with the plan, or was lost.
    if (!has_ended &&
        (IsLost(state) || state.result.status == SessionStatus::kKilled)) {
      // What is left of it would run beside the next attempt.
      if (IsLost(state)) CSA_RETURN_IF_ERROR(EndSession(*session).status());
      event.attempt = last.attempt;
      last_failure_ = last.reason;
      return false;
    }
    const int exit_code = has_ended ? last.exit_code : state.result.exit_code;
    CSA_RETURN_IF_ERROR(TakeOutcome(step, *session, exit_code));
    event = last;
    if (!has_ended) {
      ended = {exit_code, ReasonFor(state.result), state.result.wall};
      return false;
    }
    event.duration = absl::ZeroDuration();
    if (event.outcome == Outcome::kDone) event.reason = "before";
    CSA_RETURN_IF_ERROR(observe_(event));
    return true;
  }

  // Runs the step until it succeeds, or there is nothing left to try. `ended`
  // is how the first attempt came out, if that is behind us.
  absl::Status Try(const Step& step, Event event, std::optional<Ended> ended) {
    const FailAction& action = step.on_fail;
    const int most_attempts =
        1 + (action.kind == FailAction::Kind::kRetry      ? action.retries
             : action.kind == FailAction::Kind::kDelegate ? 1
                                                          : 0);
    // An attempt that is tried again sets nothing: whoever resumes the plan
    // knows of the last one only.
    std::optional<PlanVariables> before;
    if (most_attempts > 1) before = variables_;
    for (;; ++event.attempt, ended.reset()) {
      if (!ended.has_value()) {
        CSA_ASSIGN_OR_RETURN(ended, RunAttempt(step, event));
      }
      if (ended->reason.empty()) return End(event, Outcome::kDone, *ended);
      if (action.kind == FailAction::Kind::kSkip) {
        return End(event, Outcome::kSkipped, *ended);
      }
      if (event.attempt >= most_attempts) {
        stopped_ = ExitStatusOf(ended->exit_code);
        return End(event, Outcome::kFailed, *ended);
      }
      CSA_RETURN_IF_ERROR(End(event, Outcome::kAgain, *ended));
      last_failure_ = ended->reason;
      variables_ = *before;
    }
  }

  absl::StatusOr<Ended> RunAttempt(const Step& step, Event& event) {
    const bool is_delegated =
        step.on_fail.kind == FailAction::Kind::kDelegate && event.attempt > 1;
    Attempt attempt = {
        .is_script = KindOf(step) == StepKind::kBash && !is_delegated,
        .tool = is_delegated ? step.on_fail.tool : step.tool,
        .description = absl::StrCat(FormatTurn(event.turn), ". ", step.title),
        .timeout = step.timeout};
    event.kind = Event::Kind::kStepStarted;
    event.reason = event.attempt > 1 ? last_failure_ : "";
    event.tool =
        attempt.tool.empty() ? std::string(kAnyAgentTool) : attempt.tool;
    event.session.clear();
    const absl::Time start = MonotonicNow();
    absl::StatusOr<StepInput> input = InputOf(step, variables_);
    if (!input.ok()) return CannotRun(step, input.status(), start);
    attempt.input = *std::move(input);
    if (is_delegated) Delegate(step, attempt.input);
    event.session = SessionId::Generate(absl::Now()).text();
    attempt.session = event.session;
    CSA_RETURN_IF_ERROR(observe_(event));
    const absl::StatusOr<SessionResult> result = run_(attempt);
    if (!result.ok()) {
      event.session.clear();
      return CannotRun(step, result.status(), start);
    }
    CSA_ASSIGN_OR_RETURN(const SessionId id, SessionId::Parse(event.session));
    CSA_ASSIGN_OR_RETURN(const SessionDirectory session,
                         store_.OpenVisible(id));
    if (result->status == SessionStatus::kLost) {
      SetExit(step, result->exit_code);
    } else {
      CSA_RETURN_IF_ERROR(TakeOutcome(step, session, result->exit_code));
    }
    return Ended{result->exit_code, ReasonFor(*result), MonotonicNow() - start};
  }

  // Makes of what the step was given a prompt for an agent that is to do it in
  // its place.
  void Delegate(const Step& step, StepInput& input) const {
    std::string prompt =
        absl::StrCat("A step of a workflow, \"", step.title, "\", has failed (",
                     last_failure_, "). Do what it was to do.\n\n");
    if (KindOf(step) == StepKind::kBash) {
      absl::StrAppend(
          &prompt,
          "It was this script for bash. If it prints lines that begin with "
          "CSA_VAR:, print them at the end of your answer.\n\n");
    }
    for (const auto& [name, value] : input.environment) {
      absl::StrAppend(&prompt, name, "=", value, "\n");
    }
    absl::StrAppend(&prompt, input.text);
    input = {.text = std::move(prompt)};
  }

  // An attempt that has no session.
  Ended CannotRun(const Step& step, const absl::Status& status,
                  absl::Time start) {
    const int exit_code = static_cast<int>(ExitStatusFor(status));
    SetExit(step, exit_code);
    return {exit_code, std::string(status.message()), MonotonicNow() - start};
  }

  // Of an attempt without a session, there is nothing but the exit status.
  void SetExit(const Step& step, int exit_code) {
    const std::string prefix = absl::StrCat("STEP_", step.id);
    variables_.Unset(absl::StrCat(prefix, "_OUTPUT"));
    variables_.Unset(absl::StrCat(prefix, "_SESSION"));
    variables_.Set(absl::StrCat(prefix, "_EXIT"), absl::StrCat(exit_code));
  }

  absl::Status TakeOutcome(const Step& step, const SessionDirectory& session,
                           int exit_code) {
    std::vector<std::string> notices;
    CSA_RETURN_IF_ERROR(
        ReadOutcome(step, session, exit_code, mentioned_, variables_, notices));
    for (const std::string& notice : notices) PrintNotice(notice);
    return absl::OkStatus();
  }

  // Leaves the step to a person, who is told what it says.
  absl::Status Stop(const Step& step, const Event& event) {
    const absl::StatusOr<StepInput> input = InputOf(step, variables_);
    if (!input.ok()) return Fail(step, std::string(input.status().message()));
    stopped_ = ExitStatus::kUndecided;
    return End(event, Outcome::kManual, {.reason = input->text});
  }

  // A step that cannot even be tried fails, and the plan with it.
  absl::Status Fail(const Step& step, std::string reason) {
    stopped_ = ExitStatus::kFailed;
    return End(EventFor(step), Outcome::kFailed,
               {static_cast<int>(ExitStatus::kFailed), std::move(reason), {}});
  }

  absl::Status End(Event event, Outcome outcome, const Ended& ended) {
    event.kind = Event::Kind::kStepEnded;
    event.outcome = outcome;
    event.exit_code = ended.exit_code;
    event.reason = ended.reason;
    event.duration = ended.duration;
    return observe_(event);
  }

  Event EventFor(const Step& step) const {
    return {.turn = {step.id, items_}, .title = step.title, .tool = step.tool};
  }

  const Plan& plan_;
  const std::vector<Step>& steps_;
  const SessionStore& store_;
  AttemptRunner run_;
  EventObserver observe_;
  const std::set<std::string> mentioned_;
  PlanVariables variables_;
  std::vector<int> items_;  // of the loops around what is run now
  std::optional<ExitStatus> stopped_;
  std::string last_failure_;
};

}  // namespace

absl::Status CheckNothingRuns(const Journal& journal,
                              const SessionStore& store) {
  for (const auto& [turn, event] : journal.last) {
    const absl::StatusOr<SessionId> id = SessionId::Parse(event.session);
    if (event.kind != Event::Kind::kStepStarted || !id.ok()) continue;
    const absl::StatusOr<SessionDirectory> session = store.OpenVisible(*id);
    if (absl::IsNotFound(session.status())) continue;
    CSA_RETURN_IF_ERROR(session.status());
    CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(*session));
    if (state.kind != SessionState::Kind::kRunning) continue;
    return StillRuns(event);
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitStatus> RunPlan(const Plan& plan, const SessionStore& store,
                                   AttemptRunner run, EventObserver observe) {
  CSA_RETURN_IF_ERROR(CheckNothingRuns(plan.journal, store));
  return Runner(plan, store, run, observe).Run();
}

}  // namespace csa
