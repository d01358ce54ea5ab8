// The scanner of patterns: their lines, divided at headings of level 2.

#ifndef CSA_COMMON_WORKFLOW_SECTIONS_H_
#define CSA_COMMON_WORKFLOW_SECTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/workflow/diagnostic.h"

namespace csa {

// A line of a file, which owns the text; without what ends it, LF or CRLF.
struct SourceLine {
  int number = 0;  // counted from 1
  absl::string_view text;
};

// A heading "## …" that is no code, and the lines up to the next one.
struct Section {
  SourceLine heading;
  std::vector<SourceLine> body;
};

struct Sections {
  SourceLine opening;                   // the line "---" above the frontmatter
  std::vector<SourceLine> frontmatter;  // without the two lines "---"
  // What comes before the first of them is documentation.
  std::vector<Section> sections;
};

// Divides `file`. Adds what is wrong with it as a text to `diagnostics`: too
// long, no UTF-8, a NUL, no frontmatter, or a block of code that does not end.
// Nothing where it cannot be divided.
std::optional<Sections> ScanSections(const SourceFile& file,
                                     Diagnostics& diagnostics);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_SECTIONS_H_
