// workflow.toml: what is read is read the same again when it is written, and
// what is wrong is said of a line of the file.

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/cli/output.h"
#include "common/workflow/drawing.h"
#include "common/workflow/workflow_file.h"
#include "tests/fuzz/fuzz_input.h"

namespace csa {
namespace {

void CheckFault(const absl::Status& fault, absl::string_view text) {
  Require(absl::IsInvalidArgument(fault));
  absl::string_view message = fault.message();
  Require(absl::ConsumePrefix(&message, "line "));
  const size_t colon = message.find(": ");
  int64_t line = 0;
  Require(colon != message.npos &&
          absl::SimpleAtoi(message.substr(0, colon), &line));
  // What ends too soon may be said of the line behind the last.
  Require(line >= 1 && line <= std::count(text.begin(), text.end(), '\n') + 2);
  Require(message.size() > colon + 2);
}

void CheckWorkflow(const Workflow& workflow) {
  const std::string file = FormatWorkflow(workflow);
  const absl::StatusOr<Workflow> again = ParseWorkflow(file);
  Require(again.ok() && *again == workflow && FormatWorkflow(*again) == file);
  for (const OutputFormat format :
       {OutputFormat::kText, OutputFormat::kJson, OutputFormat::kDot,
        OutputFormat::kMermaid}) {
    Require(!Draw(workflow, format).empty());
  }
}

}  // namespace
}  // namespace csa

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  const absl::StatusOr<csa::Workflow> workflow = csa::ParseWorkflow(text);
  if (workflow.ok()) {
    csa::CheckWorkflow(*workflow);
  } else {
    csa::CheckFault(workflow.status(), text);
  }
  return 0;
}
