#include "tools/plan/catalogue.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/json.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/cli/output.h"
#include "common/workflow/drawing.h"
#include "tools/plan/library.h"

namespace csa {

absl::StatusOr<ExitStatus> Show(const std::string& name) {
  const bool is_path = absl::StrContains(name, '/') ||
                       absl::EndsWith(name, ".toml") ||
                       absl::EndsWith(name, ".md");
  CSA_ASSIGN_OR_RETURN(const WorkflowFile file,
                       is_path ? ReadWorkflowFile(name) : FindWorkflow(name));
  PrintResult(Draw(file.workflow, Format()));
  return ExitStatus::kSuccess;
}

absl::StatusOr<ExitStatus> List() {
  std::vector<std::string> faults;
  const std::vector<WorkflowFile> files = ListWorkflows(faults);
  size_t width = 0;
  for (const WorkflowFile& file : files) {
    width = std::max(width, file.name.size());
  }
  for (const WorkflowFile& file : files) {
    const Workflow& workflow = file.workflow;
    if (Format() == OutputFormat::kJson) {
      PrintResult(FormatJson({{"name", file.name},
                              {"description", workflow.description},
                              {"steps", workflow.steps.size()},
                              {"path", file.path}}));
    } else {
      PrintResult(
          EscapeForDisplay(absl::StrFormat("%-*s  %s", static_cast<int>(width),
                                           file.name, workflow.description)));
    }
  }
  for (const std::string& fault : faults) PrintNotice(fault);
  return faults.empty() ? ExitStatus::kSuccess : ExitStatus::kNo;
}

absl::StatusOr<ExitStatus> ShowPlan(const PlanRequest& request) {
  const Workflow& workflow = request.file.workflow;
  PrintResult(Draw(workflow, Format()));
  if (Format() != OutputFormat::kText) return ExitStatus::kSuccess;
  for (const WorkflowVariable& variable : workflow.variables) {
    const auto given = request.variables.find(variable.name);
    const bool is_given = given != request.variables.end();
    const std::string value =
        is_given ? given->second : variable.default_value.value_or("");
    const bool is_set = is_given || variable.default_value.has_value();
    PrintResult(EscapeForDisplay(
        absl::StrCat("  ", variable.name,
                     is_set ? absl::StrCat("=", value) : " is not set")));
  }
  return ExitStatus::kSuccess;
}

}  // namespace csa
