#include "common/workflow/pattern_parser.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/string_view.h"
#include "common/workflow/frontmatter.h"
#include "common/workflow/hints.h"
#include "common/workflow/sections.h"
#include "common/workflow/variables.h"
#include "common/workflow/workflow.h"
#include "re2/re2.h"

namespace csa {
namespace {

// A heading taken apart: "## WORD REST". Both are parts of the line.
struct Words {
  absl::string_view first;
  absl::string_view rest;
};

Words WordsOf(absl::string_view heading) {
  absl::string_view text = absl::StripAsciiWhitespace(heading.substr(2));
  const size_t end = std::min(text.find_first_of(" \t"), text.size());
  return {text.substr(0, end),
          absl::StripLeadingAsciiWhitespace(text.substr(end))};
}

// A title without the "Step 3:" that may stand before it.
std::string TitleOf(absl::string_view heading) {
  static const re2::RE2 number(R"(Step\s+[0-9]+:\s*)");
  const absl::string_view text = absl::StripAsciiWhitespace(heading.substr(2));
  re2::StringPiece title(text.data(), text.size());
  re2::RE2::Consume(&title, number);
  return std::string(title);
}

class Parser {
 public:
  Parser(const SourceFile& file, int depth, Diagnostics& diagnostics)
      : file_(file), outer_depth_(depth), diagnostics_(diagnostics) {}

  Pattern Parse() {
    const std::optional<Sections> sections = ScanSections(file_, diagnostics_);
    if (!sections.has_value()) return {};
    ReadFrontmatter(file_.name, *sections, pattern_, diagnostics_);
    for (const Section& section : sections->sections) {
      if (diagnostics_.full()) break;
      ReadSection(section);
    }
    if (!diagnostics_.full()) CloseAll();
    return std::move(pattern_);
  }

 private:
  // An IF or a FOR whose end has not come yet.
  struct OpenBlock {
    PatternNode node;
    bool in_else = false;
  };

  // What a heading can say besides that a step begins.
  struct Directive {
    absl::string_view word;
    void (Parser::*read)(const SourceLine& line, const Words& words);
  };

  void ReadSection(const Section& section) {
    static constexpr Directive kDirectives[] = {
        {"IF", &Parser::OpenIf},     {"FOR", &Parser::OpenFor},
        {"ELSE", &Parser::ReadElse}, {"INCLUDE", &Parser::ReadInclude},
        {"ENDIF", &Parser::Close},   {"ENDFOR", &Parser::Close},
    };
    const Words words = WordsOf(section.heading.text);
    for (const Directive& directive : kDirectives) {
      if (directive.word != words.first) continue;
      WarnOfLostText(section, words.first);
      (this->*directive.read)(section.heading, words);
      return;
    }
    ReadStep(section);
  }

  // What stands below a directive is part of no step.
  void WarnOfLostText(const Section& section, absl::string_view word) {
    for (const SourceLine& line : section.body) {
      if (absl::StripAsciiWhitespace(line.text).empty()) continue;
      Warn(line, line.text,
           absl::StrCat("what stands below ", word, " is part of no step"));
      return;
    }
  }

  void OpenIf(const SourceLine& line, const Words& words) {
    const absl::string_view text = words.rest;
    PatternNode node = NodeAt(PatternNode::Kind::kIf, line);
    std::variant<ParsedCondition, TextError> parsed = ParseCondition(text);
    if (const auto* error = std::get_if<TextError>(&parsed); error != nullptr) {
      Fail(line, text.substr(error->offset), error->message);
    } else {
      auto& condition = std::get<ParsedCondition>(parsed);
      node.condition = std::move(condition.condition);
      if (condition.remark.has_value()) {
        Warn(line, text.substr(*condition.remark),
             "this is no condition, and left out");
      }
    }
    Open(line, std::move(node));
  }

  void OpenFor(const SourceLine& line, const Words& words) {
    const absl::string_view text = words.rest;
    PatternNode node = NodeAt(PatternNode::Kind::kFor, line);
    static const re2::RE2 form(R"(^([A-Za-z_][A-Za-z0-9_]*)\s+IN\s+(.+)$)");
    if (!re2::RE2::FullMatch(ToStd(text), form, &node.variable,
                             &node.collection)) {
      Fail(line, text, "a loop is written: ## FOR name IN ${LIST}");
    } else if (IsReservedVariable(node.variable)) {
      Fail(line, text, absl::StrCat("a loop cannot set ", node.variable));
    }
    Open(line, std::move(node));
  }

  void Open(const SourceLine& line, PatternNode node) {
    const size_t depth = static_cast<size_t>(outer_depth_) + open_.size();
    if (too_deep_ > 0 || depth >= kDeepestBlock) {
      ++too_deep_;
      Fail(line, line.text,
           absl::StrCat("no more than ", kDeepestBlock,
                        " of IF and FOR can stand in one another"));
      return;
    }
    open_.push_back({.node = std::move(node)});
  }

  void ReadElse(const SourceLine& line, const Words& words) {
    if (!words.rest.empty()) {
      Fail(line, words.rest,
           "nothing can stand behind ELSE: a further IF has a heading and an "
           "ENDIF of its own");
    }
    if (too_deep_ > 0) return;
    if (open_.empty() || open_.back().node.kind != PatternNode::Kind::kIf) {
      Fail(line, line.text, absl::StrCat("this ELSE is of no IF", Innermost()));
    } else if (open_.back().in_else) {
      Fail(line, line.text,
           absl::StrCat("the IF of line ", open_.back().node.heading.line,
                        " has an ELSE already"));
    } else {
      open_.back().in_else = true;
    }
  }

  void Close(const SourceLine& line, const Words& words) {
    if (!words.rest.empty()) {
      Fail(line, words.rest,
           absl::StrCat("nothing can stand behind ", words.first));
    }
    if (too_deep_ > 0) {
      --too_deep_;
      return;
    }
    const PatternNode::Kind kind = words.first == "ENDIF"
                                       ? PatternNode::Kind::kIf
                                       : PatternNode::Kind::kFor;
    if (open_.empty() || open_.back().node.kind != kind) {
      Fail(line, line.text,
           absl::StrCat("this ", words.first, " ends no ",
                        words.first.substr(3), Innermost()));
      return;
    }
    PatternNode node = std::move(open_.back().node);
    open_.pop_back();
    Append(std::move(node));
  }

  // What is open, for a message.
  std::string Innermost() const {
    if (open_.empty()) return "";
    const PatternNode& node = open_.back().node;
    return absl::StrCat(": the ",
                        node.kind == PatternNode::Kind::kIf ? "IF" : "FOR",
                        " of line ", node.heading.line, " is to end first");
  }

  void CloseAll() {
    for (const OpenBlock& block : open_) {
      const bool is_if = block.node.kind == PatternNode::Kind::kIf;
      const SourceLine line = {block.node.heading.line,
                               block.node.heading.text};
      Fail(line, line.text,
           is_if ? "this IF has no ENDIF" : "this FOR has no ENDFOR");
    }
  }

  void ReadInclude(const SourceLine& line, const Words& words) {
    const absl::string_view reference = words.rest;
    PatternNode node = NodeAt(PatternNode::Kind::kInclude, line);
    node.reference = std::string(reference);
    if (reference.empty()) {
      Fail(
          line, reference,
          "INCLUDE needs the name of a pattern, or the path of its PATTERN.md");
    }
    Append(std::move(node));
  }

  void ReadStep(const Section& section) {
    PatternNode node = NodeAt(PatternNode::Kind::kStep, section.heading);
    node.title = TitleOf(section.heading.text);
    if (node.title.empty()) {
      Fail(section.heading, section.heading.text, "a step needs a title");
    }
    ReadHints(file_.name, section.body, node, diagnostics_);
    CheckStep(section.heading, node);
    Append(std::move(node));
  }

  // Warns of a step that does not do what its hints suggest.
  void CheckStep(const SourceLine& heading, const PatternNode& node) {
    const Step step = {.tool = node.tool, .tier = node.tier};
    const StepKind kind = KindOf(step);
    const auto warn = [&](absl::string_view message) {
      Warn(heading, heading.text, message);
    };
    const bool has_hints = !node.session.empty() || node.timeout.has_value() ||
                           node.on_fail != FailAction();
    if (kind == StepKind::kNote && has_hints) {
      warn("the step has neither Tool nor Tier: it is a note, and not run");
    }
    if (node.prompt.empty() && kind != StepKind::kNote) {
      warn("the step has no text: there is nothing to do");
    }
  }

  void Append(PatternNode node) {
    if (open_.empty()) {
      pattern_.body.push_back(std::move(node));
      return;
    }
    OpenBlock& block = open_.back();
    (block.in_else ? block.node.otherwise : block.node.body)
        .push_back(std::move(node));
  }

  static PatternNode NodeAt(PatternNode::Kind kind, const SourceLine& line) {
    return {.kind = kind, .heading = {line.number, std::string(line.text)}};
  }

  // `part` is the part of the line that is wrong.
  void Fail(const SourceLine& line, absl::string_view part,
            absl::string_view message) {
    Add(Diagnostic::Severity::kError, line,
        static_cast<size_t>(part.data() - line.text.data()), message);
  }

  void Warn(const SourceLine& line, absl::string_view part,
            absl::string_view message) {
    Add(Diagnostic::Severity::kWarning, line,
        static_cast<size_t>(part.data() - line.text.data()), message);
  }

  void Add(Diagnostic::Severity severity, const SourceLine& line, size_t offset,
           absl::string_view message) {
    diagnostics_.Add(severity, file_.name, line.number, line.text, offset,
                     std::string(message));
  }

  const SourceFile& file_;
  const int outer_depth_;
  Diagnostics& diagnostics_;
  Pattern pattern_;
  std::vector<OpenBlock> open_;
  int too_deep_ = 0;  // how many blocks are open that are not looked at
};

}  // namespace

Pattern ParsePattern(const SourceFile& file, int depth,
                     Diagnostics& diagnostics) {
  return Parser(file, depth, diagnostics).Parse();
}

}  // namespace csa
