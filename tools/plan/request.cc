#include "tools/plan/request.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/agent/choice.h"
#include "common/base/json.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/cli/nearest.h"
#include "common/cli/options.h"
#include "common/cli/output.h"
#include "common/cli/pair.h"
#include "common/launch/launch.h"
#include "common/launch/own_session.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/session/session_spec.h"
#include "common/session/session_state.h"
#include "common/workflow/references.h"
#include "common/workflow/workflow_file.h"
#include "nlohmann/json.hpp"
#include "tools/plan/runner.h"
#include "tools/plan/step_input.h"

ABSL_FLAG(std::string, pattern, "", "NAME|run the installed pattern NAME");
ABSL_FLAG(csa::RepeatedOption, var, {},
          "K=V|a variable of the workflow (repeatable)");
ABSL_FLAG(std::string, resume, "",
          "ID|go on with the plan ID after the last step that it finished, in "
          "a new session");
ABSL_FLAG(std::string, tool, "",
          "NAME|the agent for the steps that are for any");
// What csa-plan says to itself, in the session.
ABSL_FLAG(std::string, path, "", "");

namespace csa {
namespace {

constexpr size_t kMaxJournalBytes = size_t{64} << 20;

// What StartPlan gives the session its variables in: a JSON object.
constexpr char kVariablesVariable[] = "CSA_PLAN_VARIABLES";

// Takes them out of the environment: they are for the steps that mention them.
absl::StatusOr<Variables> TakeVariables() {
  const char* const text = std::getenv(kVariablesVariable);
  CSA_ASSIGN_OR_RETURN(const nlohmann::json json,
                       ParseJson(text == nullptr ? "{}" : text));
  unsetenv(kVariablesVariable);
  Variables variables;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) variables[name] = value.get<std::string>();
  }
  return variables;
}

absl::StatusOr<Variables> GivenVariables() {
  Variables variables;
  for (const std::string& text : absl::GetFlag(FLAGS_var).values) {
    CSA_ASSIGN_OR_RETURN(auto variable, ParsePair("--var", text));
    variables.insert_or_assign(variable.first, variable.second);
  }
  return variables;
}

absl::Status CheckVariables(const Workflow& workflow,
                            const Variables& variables) {
  const std::set<std::string> known = NamesMentionedIn(workflow);
  for (const auto& [name, value] : variables) {
    if (!IsVariableName(name) || IsReservedVariable(name)) {
      return UsageError(absl::StrCat("--var: '", name, "' cannot be set"));
    }
    if (!known.contains(name)) {
      std::vector<std::string> names;
      for (const WorkflowVariable& variable : workflow.variables) {
        names.push_back(variable.name);
      }
      return UsageError(absl::StrCat(
          "--var: the workflow ", workflow.name, " has no variable '", name,
          "'", names.empty() ? "" : Suggestion(name, "variables", names)));
    }
    if (ReplaceInvalidUtf8(value) != value) {
      return UsageError(
          absl::StrCat("--var: the value of ", name, " is no valid UTF-8"));
    }
  }
  return absl::OkStatus();
}

// The names of the agents that `step` may need besides "any".
std::vector<std::string> AgentsOf(const Step& step) {
  std::vector<std::string> agents;
  if (KindOf(step) == StepKind::kAgent && step.tool != kAnyAgentTool &&
      !step.tool.empty()) {
    agents.push_back(step.tool);
  }
  if (step.on_fail.kind == FailAction::Kind::kDelegate) {
    agents.push_back(step.on_fail.tool);
  }
  return agents;
}

// Whether csa run is to choose the agent of `step`.
bool IsForAny(const Step& step) {
  return KindOf(step) == StepKind::kAgent && step.session.empty() &&
         (step.tool == kAnyAgentTool || step.tool.empty());
}

// A tool that must be asked for, as sh, would run a prompt, and what variables
// put into it, as a script.
absl::Status CheckAgent(const Configuration& configuration,
                        const std::string& name, const std::string& named_by) {
  CSA_ASSIGN_OR_RETURN(const AgentTool* const tool,
                       InstalledTool(configuration, name, named_by));
  if (!tool->explicit_only) return absl::OkStatus();
  return UsageError(
      absl::StrCat("'", name, "' is no agent: it cannot do a step", named_by));
}

absl::Status CheckScripts(const Workflow& workflow) {
  for (const Step& step : workflow.steps) {
    if (KindOf(step) != StepKind::kBash) continue;
    CSA_RETURN_IF_ERROR(Named(absl::StrCat("step ", step.id),
                              CheckScript(ScriptOf(step.prompt))));
  }
  return absl::OkStatus();
}

absl::Status CheckTools(const Workflow& workflow, const std::string& tool,
                        const Configuration& configuration) {
  if (!tool.empty()) {
    CSA_RETURN_IF_ERROR(CheckAgent(configuration, tool, ""));
  }
  const std::vector<std::string> tiers = TierNames(configuration);
  bool needs_any = false;
  for (const Step& step : workflow.steps) {
    const std::string by = absl::StrCat(" (step ", step.id, ")");
    for (const std::string& agent : AgentsOf(step)) {
      CSA_RETURN_IF_ERROR(CheckAgent(configuration, agent, by));
    }
    if (IsForAny(step) && !step.tier.empty() &&
        FindVariables(step.tier).empty() &&
        std::find(tiers.begin(), tiers.end(), step.tier) == tiers.end()) {
      const absl::Status unknown = UnknownName("tier", step.tier, tiers);
      return UsageError(absl::StrCat(unknown.message(), by));
    }
    needs_any = needs_any || (IsForAny(step) && step.tier.empty());
  }
  if (!needs_any || !tool.empty() ||
      FindSetting(configuration, {"default_tool"}) != nullptr) {
    return absl::OkStatus();
  }
  std::vector<std::string> looked_for;
  if (!OneOfEachFamily(configuration, "", looked_for).empty()) {
    return absl::OkStatus();
  }
  return NotInstalled(
      absl::StrCat("the workflow ", workflow.name,
                   " needs an agent, and none is installed: looked on PATH "
                   "for ",
                   absl::StrJoin(looked_for, ", ")));
}

absl::StatusOr<WorkflowFile> NamedWorkflow(const Operands& operands) {
  const std::string pattern = absl::GetFlag(FLAGS_pattern);
  if (operands.size() > 1 || (!operands.empty() && !pattern.empty())) {
    return UsageError("give one FILE, or --pattern NAME");
  }
  if (!pattern.empty()) return FindWorkflow(pattern);
  if (!operands.empty()) {
    absl::StatusOr<WorkflowFile> file = ReadWorkflowFile(operands[0]);
    if (!absl::IsNotFound(file.status())) return file;
    return absl::NotFoundError(absl::StrCat(
        file.status().message(), "; a pattern is run with --pattern NAME"));
  }
  return UsageError("give the FILE of a workflow, or --pattern NAME");
}

// What the plan `reference`, which has ended, leaves to be gone on with.
absl::Status Resume(absl::string_view reference, const Operands& operands,
                    PlanRequest& request) {
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
  request.resumes = session.id().text();
  CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
  if (state.kind == SessionState::Kind::kRunning) {
    return absl::FailedPreconditionError(absl::StrCat(
        "plan ", request.resumes, " is still running: wait for its end with ",
        "csa session wait --session ", request.resumes));
  }
  CSA_ASSIGN_OR_RETURN(const Journal journal,
                       ReadJournal(store, request.resumes));
  CSA_RETURN_IF_ERROR(CheckNothingRuns(journal, store));
  CSA_RETURN_IF_ERROR(CheckNotResumed(session, store));
  CSA_ASSIGN_OR_RETURN(const SessionSpec spec, session.ReadSpec());
  CSA_ASSIGN_OR_RETURN(const std::string text,
                       ReadFileAt(session.fd(), kPromptFile, kMaxPromptBytes));
  if (operands.empty() && absl::GetFlag(FLAGS_pattern).empty()) {
    CSA_ASSIGN_OR_RETURN(request.file, ReadWorkflowFile(journal.start.path));
  } else {
    CSA_ASSIGN_OR_RETURN(request.file, NamedWorkflow(operands));
  }
  request.variables = journal.start.variables;
  if (request.file.text == text) return EnterDirectory(spec.project);
  return absl::FailedPreconditionError(absl::StrCat(
      "the workflow ", request.file.path, " is not the one that plan ",
      request.resumes, " ran (", session.PathOf(kPromptFile),
      "): put that back, or run the plan anew"));
}

}  // namespace

absl::StatusOr<Journal> ReadJournal(const SessionStore& store,
                                    const std::string& id) {
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(id));
  const absl::StatusOr<std::string> text =
      ReadFileAt(session.fd(), kJournalFile, kMaxJournalBytes);
  if (absl::IsNotFound(text.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "session ", id,
        " has no journal: it is no plan, or ended before it began"));
  }
  CSA_RETURN_IF_ERROR(text.status());
  absl::StatusOr<Journal> journal = ParseJournal(*text);
  CSA_RETURN_IF_ERROR(Named(session.PathOf(kJournalFile), journal.status()));
  return journal;
}

absl::Status CheckNotResumed(const SessionDirectory& plan,
                             const SessionStore& store) {
  const absl::StatusOr<std::string> by =
      ReadFileAt(plan.fd(), kResumedFile, SessionId::kLength);
  if (absl::IsNotFound(by.status())) return absl::OkStatus();
  CSA_RETURN_IF_ERROR(by.status());
  if (absl::IsFailedPrecondition(ReadJournal(store, *by).status())) {
    // One that has ended before its journal was there has done nothing.
    CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(*by));
    CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
    if (state.kind != SessionState::Kind::kRunning) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("plan ", plan.id().text(), " has been gone on with by ", *by,
                   ": go on with that one, csa plan run --resume ", *by));
}

absl::StatusOr<PlanRequest> ResolvePlan(const Operands& operands,
                                        const Configuration& configuration) {
  PlanRequest request;
  CSA_ASSIGN_OR_RETURN(request.options, GetLaunchOptions());
  request.options.tool = absl::GetFlag(FLAGS_tool);
  CSA_ASSIGN_OR_RETURN(request.variables, GivenVariables());
  const std::string resume = absl::GetFlag(FLAGS_resume);
  if (resume.empty()) {
    CSA_ASSIGN_OR_RETURN(request.file, NamedWorkflow(operands));
  } else if (!request.variables.empty()) {
    return UsageError("--resume: the plan goes on with the variables it had");
  } else {
    CSA_RETURN_IF_ERROR(Resume(resume, operands, request));
  }
  if (request.file.text.size() > kMaxPromptBytes) {
    return absl::OutOfRangeError(absl::StrCat(
        request.file.path, " is longer than ", kMaxPromptBytes >> 20, " MiB"));
  }
  const Workflow& workflow = request.file.workflow;
  CSA_RETURN_IF_ERROR(CheckVariables(workflow, request.variables));
  CSA_RETURN_IF_ERROR(CheckScripts(workflow));
  CSA_RETURN_IF_ERROR(
      CheckTools(workflow, request.options.tool, configuration));
  if (request.options.description.empty()) {
    request.options.description = absl::StrCat("plan: ", workflow.name);
  }
  return request;
}

absl::StatusOr<ExitStatus> StartPlan(const PlanRequest& request) {
  std::vector<std::string> arguments = {
      "run", "--conduct", absl::StrCat("--path=", request.file.path),
      absl::StrCat("--format=", AbslUnparseFlag(Format()))};
  if (!request.resumes.empty()) {
    arguments.push_back(absl::StrCat("--resume=", request.resumes));
  }
  CSA_ASSIGN_OR_RETURN(arguments,
                       OwnSessionArguments("plan", arguments, request.options));
  // Not on its command line, which everybody can see as long as it runs.
  const std::string variables = nlohmann::json(request.variables).dump();
  if (variables.size() > kMaxEnvironmentBytes) {
    return absl::OutOfRangeError(absl::StrCat(
        "the variables have ", variables.size(), " bytes in all, and ",
        kMaxEnvironmentBytes / 1024, " KiB can be given: put them into files"));
  }
  arguments.insert(arguments.begin() + 1,
                   absl::StrCat("--env=", kVariablesVariable, "=", variables));
  if (CallersSession().empty() && !StaysAttached()) {
    return LaunchDaemon(arguments, request.file.text);
  }
  // Its events are its output, in whatever format they are.
  return LaunchAttached(arguments, request.file.text, OutputFormat::kText);
}

absl::StatusOr<PlanRequest> ReadRequest() {
  PlanRequest request = {.resumes = absl::GetFlag(FLAGS_resume)};
  CSA_ASSIGN_OR_RETURN(request.file.text,
                       ReadAll(STDIN_FILENO, kMaxPromptBytes));
  request.file.path = absl::GetFlag(FLAGS_path);
  CSA_ASSIGN_OR_RETURN(request.file.workflow, ParseWorkflow(request.file.text));
  CSA_ASSIGN_OR_RETURN(request.variables, TakeVariables());
  CSA_ASSIGN_OR_RETURN(request.options, GetLaunchOptions());
  request.options = AgentsOptions(std::move(request.options));
  request.options.tool = absl::GetFlag(FLAGS_tool);
  return request;
}

}  // namespace csa
