#include "common/workflow/frontmatter.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/string_view.h"
#include "common/base/toml.h"

namespace csa {
namespace {

using Severity = Diagnostic::Severity;

class Reader {
 public:
  Reader(absl::string_view file, const Sections& sections,
         Diagnostics& diagnostics)
      : file_(file),
        opening_(sections.opening),
        lines_(sections.frontmatter),
        diagnostics_(diagnostics) {}

  void Read(Pattern& pattern) const {
    std::string text;
    for (const SourceLine& line : lines_) {
      absl::StrAppend(&text, line.text, "\n");
    }
    const absl::StatusOr<toml::table> table = ParseToml(text);
    if (!table.ok()) {
      FailParse(table.status().message());
      return;
    }
    for (const auto& [key, value] : *table) {
      ReadKey(ToAbsl(key.str()), value, pattern);
    }
    if (table->get("name") == nullptr) {
      Add(Severity::kError, 0, "the frontmatter has no name: name = \"…\"");
    }
  }

 private:
  // `fault` is "line N: what is wrong".
  void FailParse(absl::string_view fault) const {
    std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(fault, absl::MaxSplits(": ", 1));
    size_t number = 0;
    absl::ConsumePrefix(&parts.first, "line ");
    static_cast<void>(absl::SimpleAtoi(parts.first, &number));
    Add(Severity::kError, number,
        absl::StrCat("the frontmatter is no TOML: ", parts.second));
  }

  void ReadKey(absl::string_view key, const toml::node& value,
               Pattern& pattern) const {
    const size_t line = value.source().begin.line;
    std::string* const text = key == "name"          ? &pattern.name
                              : key == "description" ? &pattern.description
                              : key == "version"     ? &pattern.version
                              : key == "tier"        ? &pattern.tier
                                                     : nullptr;
    if (text == nullptr) {
      if (key == "model" || key == "allowed-tools") return;
      Add(Severity::kWarning, line,
          absl::StrCat("the key '", key, "' means nothing here"));
      return;
    }
    *text = value.value_or(std::string());
    if (!value.is_string() || (key == "name" && text->empty())) {
      Add(Severity::kError, line,
          absl::StrCat(key, " must be a text",
                       key == "name" ? " that is not empty" : ""));
    }
    if (absl::StrContains(*text, '\0')) {
      Add(Severity::kError, line, absl::StrCat("a NUL cannot stand in ", key));
    }
  }

  // `line` is counted from 1 within the frontmatter. What is no line of it is
  // said of the one above.
  void Add(Severity severity, size_t line, absl::string_view message) const {
    const bool is_within = line >= 1 && line <= lines_.size();
    const SourceLine& shown = is_within ? lines_[line - 1] : opening_;
    diagnostics_.Add(severity, file_, shown.number, shown.text, 0,
                     std::string(message));
  }

  const absl::string_view file_;
  const SourceLine& opening_;
  const std::vector<SourceLine>& lines_;
  Diagnostics& diagnostics_;
};

}  // namespace

void ReadFrontmatter(absl::string_view file, const Sections& sections,
                     Pattern& pattern, Diagnostics& diagnostics) {
  Reader(file, sections, diagnostics).Read(pattern);
}

}  // namespace csa
