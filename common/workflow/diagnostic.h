// What is wrong with a pattern, and where.

#ifndef CSA_COMMON_WORKFLOW_DIAGNOSTIC_H_
#define CSA_COMMON_WORKFLOW_DIAGNOSTIC_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace csa {

// A file that is read.
struct SourceFile {
  std::string name;  // as messages show it
  std::string text;
};

struct Diagnostic {
  enum class Severity { kError, kWarning };

  Severity severity = Severity::kError;
  std::string file;
  int line = 0;             // counted from 1
  int column = 0;           // in characters, counted from 1
  std::string message;      // lower case, no full stop; cut where it is long
  std::string source_line;  // the line of the file

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// "FILE:LINE:COLUMN: error: MESSAGE", the line and a caret, each on a line of
// its own, the last without a newline. Nothing in it is obeyed by a terminal;
// of a long line, it has what stands around the column.
std::string FormatDiagnostic(const Diagnostic& diagnostic);

// All that is wrong with a pattern and what it includes. Of errors, and of
// warnings, it takes no more after the hundredth, and says so there.
class Diagnostics {
 public:
  // Adds what is wrong in line `line` of `file`, from the byte `offset` of the
  // line on. `source_line` is that line.
  void Add(Diagnostic::Severity severity, absl::string_view file, int line,
           absl::string_view source_line, size_t offset, std::string message);

  const std::vector<Diagnostic>& list() const { return list_; }
  bool has_errors() const { return errors_ > 0; }

  // Whether it takes no more errors: there is no need to look for others.
  bool full() const;

 private:
  std::vector<Diagnostic> list_;
  int errors_ = 0;
  int warnings_ = 0;
};

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_DIAGNOSTIC_H_
