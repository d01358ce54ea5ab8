#include "common/workflow/diagnostic.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/utf8.h"

namespace csa {
namespace {

// Of either kind.
constexpr int kMaxDiagnostics = 100;
// In characters: a name in it may be as long as a file.
constexpr size_t kLongestMessage = 2000;
// What is shown of a line, before the column and behind it.
constexpr int kShownBefore = 60;
constexpr int kShownBehind = 60;

// The length in bytes of the character that `text`, which is not empty, begins
// with. A byte that is part of none counts as one.
size_t LengthOfFirst(absl::string_view text) {
  return std::max<size_t>(Utf8CharacterLength(text), 1);
}

// The byte in `line` at which the character `column`, counted from 1, begins.
size_t OffsetOf(absl::string_view line, int column) {
  size_t offset = 0;
  for (int i = 1; i < column && offset < line.size(); ++i) {
    offset += LengthOfFirst(line.substr(offset));
  }
  return offset;
}

int CharactersIn(absl::string_view text) {
  int count = 0;
  while (!text.empty()) {
    text.remove_prefix(LengthOfFirst(text));
    ++count;
  }
  return count;
}

}  // namespace

std::string FormatDiagnostic(const Diagnostic& diagnostic) {
  const absl::string_view line = diagnostic.source_line;
  const size_t begin =
      OffsetOf(line, std::max(diagnostic.column - kShownBefore, 1));
  const size_t caret = OffsetOf(line, diagnostic.column);
  const size_t end = OffsetOf(line, diagnostic.column + kShownBehind);
  const std::string before =
      EscapeForDisplay(line.substr(begin, caret - begin));
  const bool is_error = diagnostic.severity == Diagnostic::Severity::kError;
  return absl::StrCat(
      EscapeForDisplay(diagnostic.file), ":", diagnostic.line, ":",
      diagnostic.column, ": ",
      is_error ? "error: " : "warning: ", EscapeForDisplay(diagnostic.message),
      "\n  ", before, EscapeForDisplay(line.substr(caret, end - caret)), "\n  ",
      std::string(static_cast<size_t>(CharactersIn(before)), ' '), "^");
}

void Diagnostics::Add(Diagnostic::Severity severity, absl::string_view file,
                      int line, absl::string_view source_line, size_t offset,
                      std::string message) {
  int& count = severity == Diagnostic::Severity::kError ? errors_ : warnings_;
  if (count == kMaxDiagnostics) return;
  const size_t shown = Utf8Prefix(message, kLongestMessage).size();
  if (shown < message.size()) {
    message.resize(shown);
    absl::StrAppend(&message, " …");
  }
  if (++count == kMaxDiagnostics) {
    message = absl::StrCat(
        message, "; what else is wrong is not shown: mend these first");
  }
  list_.push_back({.severity = severity,
                   .file = std::string(file),
                   .line = line,
                   .column = CharactersIn(source_line.substr(0, offset)) + 1,
                   .message = std::move(message),
                   .source_line = std::string(source_line)});
}

bool Diagnostics::full() const { return errors_ == kMaxDiagnostics; }

}  // namespace csa
