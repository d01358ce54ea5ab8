// Patterns: what is wrong is said of a place in the file, and what is compiled
// without an error is read back from workflow.toml as the same.
//
// The input is the patterns that may include one another, by their numbers, and
// which of them is compiled: the first.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/cli/output.h"
#include "common/workflow/compile.h"
#include "common/workflow/drawing.h"
#include "common/workflow/workflow_file.h"
#include "tests/fuzz/fuzz_input.h"

namespace csa {
namespace {

// Expects that `diagnostic` is of a place in one of the files.
void CheckPlace(const Diagnostic& diagnostic,
                const std::vector<std::string>& files) {
  size_t number = 0;
  Require(absl::SimpleAtoi(diagnostic.file, &number) && number < files.size());
  absl::string_view text = files[number];
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  const auto line = static_cast<size_t>(diagnostic.line);
  Require(line >= 1 && line <= lines.size());
  absl::string_view shown = lines[line - 1];
  absl::ConsumeSuffix(&shown, "\r");
  Require(diagnostic.source_line == shown);
  Require(diagnostic.column >= 1 &&
          static_cast<size_t>(diagnostic.column) <= shown.size() + 1);
  Require(!diagnostic.message.empty());

  const std::string formatted = FormatDiagnostic(diagnostic);
  Require(std::count(formatted.begin(), formatted.end(), '\n') == 2);
  Require(formatted.size() < 12'000);
}

void CheckWorkflow(const Workflow& workflow) {
  const std::string file = FormatWorkflow(workflow);
  const absl::StatusOr<Workflow> again = ParseWorkflow(file);
  Require(again.ok() && *again == workflow && FormatWorkflow(*again) == file);
  for (const OutputFormat format :
       {OutputFormat::kText, OutputFormat::kJson, OutputFormat::kDot,
        OutputFormat::kMermaid}) {
    Require(Draw(*again, format) == Draw(workflow, format));
  }
}

}  // namespace
}  // namespace csa

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<std::string> files = csa::PiecesOf(data, size);
  if (files.empty()) return 0;
  csa::Diagnostics diagnostics;
  const csa::Workflow workflow = csa::CompilePattern(
      {"0", files[0]},
      [&](absl::string_view including,
          absl::string_view reference) -> absl::StatusOr<csa::SourceFile> {
        size_t number = 0;
        csa::Require(absl::SimpleAtoi(including, &number) &&
                     number < files.size());
        if (!absl::SimpleAtoi(reference, &number) || number >= files.size()) {
          return absl::NotFoundError(absl::StrCat("there is no ", reference));
        }
        return csa::SourceFile{absl::StrCat(number), files[number]};
      },
      diagnostics);
  for (const csa::Diagnostic& diagnostic : diagnostics.list()) {
    csa::CheckPlace(diagnostic, files);
  }
  if (!diagnostics.has_errors()) csa::CheckWorkflow(workflow);
  return 0;
}
