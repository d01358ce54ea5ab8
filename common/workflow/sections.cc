#include "common/workflow/sections.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/fenced_code.h"
#include "common/base/utf8.h"
#include "common/workflow/pattern.h"

namespace csa {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

std::vector<SourceLine> LinesOf(absl::string_view text) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  absl::ConsumeSuffix(&text, "\n");
  std::vector<SourceLine> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::ConsumeSuffix(&line, "\r");
    lines.push_back({static_cast<int>(lines.size()) + 1, line});
  }
  return lines;
}

// Where `line` has a NUL, or a byte that is no part of a character; its end
// where it has none.
size_t FirstBadByte(absl::string_view line) {
  size_t offset = 0;
  while (offset < line.size() && line[offset] != '\0') {
    // Most characters are; asking would take most of the time.
    if (absl::ascii_isascii(static_cast<unsigned char>(line[offset]))) {
      ++offset;
      continue;
    }
    const size_t length = Utf8CharacterLength(line.substr(offset));
    if (length == 0) break;
    offset += length;
  }
  return offset;
}

bool IsDelimiter(absl::string_view line) {
  return absl::StripTrailingAsciiWhitespace(line) == "---";
}

bool IsHeading(absl::string_view line) {
  return absl::StartsWith(line, "## ") || absl::StartsWith(line, "##\t") ||
         line == "##";
}

class Scanner {
 public:
  Scanner(const SourceFile& file, Diagnostics& diagnostics)
      : file_(file), lines_(LinesOf(file.text)), diagnostics_(diagnostics) {}

  std::optional<Sections> Scan() {
    if (!CheckText()) return std::nullopt;
    size_t begin = 0;
    while (begin < lines_.size() &&
           absl::StripAsciiWhitespace(lines_[begin].text).empty()) {
      ++begin;
    }
    if (begin == lines_.size() || !IsDelimiter(lines_[begin].text)) {
      return Fail(lines_[std::min(begin, lines_.size() - 1)], 0,
                  "a pattern begins with its frontmatter: a line '---', TOML, "
                  "and another line '---'");
    }
    const auto end = std::find_if(
        lines_.begin() + static_cast<ptrdiff_t>(begin) + 1, lines_.end(),
        [](const SourceLine& line) { return IsDelimiter(line.text); });
    if (end == lines_.end()) {
      return Fail(lines_[begin], 0,
                  "the frontmatter does not end: a line '---' is missing");
    }
    Sections sections = {.opening = lines_[begin]};
    sections.frontmatter.assign(
        lines_.begin() + static_cast<ptrdiff_t>(begin) + 1, end);
    Divide({end + 1, lines_.end()}, sections);
    return sections;
  }

 private:
  bool CheckText() {
    if (file_.text.size() > kMaxPatternBytes) {
      Fail(lines_[0], 0,
           absl::StrCat("the file is longer than ", kMaxPatternBytes >> 20,
                        " MiB"));
      return false;
    }
    bool good = true;
    for (const SourceLine& line : lines_) {
      const size_t offset = FirstBadByte(line.text);
      if (offset == line.text.size()) continue;
      good = false;
      Fail(line, offset,
           line.text[offset] == '\0' ? "a NUL cannot stand in a pattern"
                                     : "this byte is no UTF-8");
    }
    return good;
  }

  void Divide(const std::vector<SourceLine>& lines, Sections& sections) {
    FencedCode code;
    SourceLine opened;
    for (const SourceLine& line : lines) {
      const FencedCode::Line kind = code.Next(line.text);
      if (kind == FencedCode::Line::kOpening) opened = line;
      if (kind == FencedCode::Line::kText && IsHeading(line.text)) {
        sections.sections.push_back({.heading = line});
      } else if (!sections.sections.empty()) {
        sections.sections.back().body.push_back(line);
      }
    }
    if (code.is_open()) Fail(opened, 0, "this block of code does not end");
  }

  std::nullopt_t Fail(const SourceLine& line, size_t offset,
                      std::string message) {
    diagnostics_.Add(Diagnostic::Severity::kError, file_.name, line.number,
                     line.text, offset, std::move(message));
    return std::nullopt;
  }

  const SourceFile& file_;
  const std::vector<SourceLine> lines_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<Sections> ScanSections(const SourceFile& file,
                                     Diagnostics& diagnostics) {
  return Scanner(file, diagnostics).Scan();
}

}  // namespace csa
