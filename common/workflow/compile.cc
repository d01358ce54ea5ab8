#include "common/workflow/compile.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/workflow/condition.h"
#include "common/workflow/pattern.h"
#include "common/workflow/pattern_parser.h"
#include "common/workflow/references.h"

namespace csa {
namespace {

using Severity = Diagnostic::Severity;

size_t SizeOf(const Condition& condition) {
  size_t size = sizeof(condition) + condition.text.size() +
                condition.fallback.value_or("").size();
  for (const Condition& operand : condition.operands) size += SizeOf(operand);
  return size;
}

size_t SizeOf(const Block& block) {
  return sizeof(block) + SizeOf(block.condition) + block.variable.size() +
         block.collection.size();
}

size_t SizeOf(const std::vector<PatternNode>& nodes) {
  size_t size = nodes.size() * sizeof(PatternNode);
  for (const PatternNode& node : nodes) {
    size += SizeOf(node.body) + SizeOf(node.otherwise);
  }
  return size;
}

// Whether it can be read in what is written of an ELSE that stands in other
// blocks.
bool CanBeWritten(const Condition& condition) {
  const auto parsed =
      ParseCondition(absl::StrCat("((!(", FormatCondition(condition), ")))"));
  return std::holds_alternative<ParsedCondition>(parsed);
}

// The ids of the steps that `step` mentions, but for its `outer` outermost
// blocks.
std::set<int> StepsMentionedWithin(const Step& step, size_t outer) {
  if (outer == 0) return StepsMentionedBy(step);
  Step inner = step;
  inner.blocks.erase(inner.blocks.begin(),
                     inner.blocks.begin() + static_cast<ptrdiff_t>(outer));
  return StepsMentionedBy(inner);
}

Condition Not(Condition condition) {
  return {.kind = Condition::Kind::kNot, .operands = {std::move(condition)}};
}

class Compiler {
 public:
  Compiler(IncludeLoader load, Diagnostics& diagnostics)
      : load_(load), diagnostics_(diagnostics) {}

  Workflow Compile(const SourceFile& file) {
    const Pattern pattern = ParsePattern(file, 0, diagnostics_);
    workflow_.name = pattern.name;
    workflow_.description = pattern.description;
    workflow_.version = pattern.version;
    AddFile(file, pattern);
    if (workflow_.steps.empty() && !diagnostics_.has_errors()) {
      diagnostics_.Add(Severity::kWarning, file.name, 1,
                       file.text.substr(0, file.text.find('\n')), 0,
                       "there is no step in this pattern");
    }
    AddReferences(workflow_);
    return std::move(workflow_);
  }

 private:
  // A file whose steps are being added.
  struct File {
    std::string name;
    std::string tier;    // of its frontmatter
    int first_step = 0;  // how many there were before it
    size_t blocks = 0;   // how many its INCLUDE stands in
  };

  void AddFile(const SourceFile& file, const Pattern& pattern) {
    files_.push_back({.name = file.name,
                      .tier = pattern.tier,
                      .first_step = static_cast<int>(workflow_.steps.size()),
                      .blocks = blocks_.size()});
    const size_t begin = workflow_.steps.size();
    AddNodes(pattern.body);
    CheckReferences(begin);
    files_.pop_back();
  }

  void AddNodes(const std::vector<PatternNode>& nodes) {
    for (const PatternNode& node : nodes) {
      if (diagnostics_.full() || is_too_large_) return;
      switch (node.kind) {
        case PatternNode::Kind::kStep:
          AddStep(node);
          break;
        case PatternNode::Kind::kIf:
          AddIf(node);
          break;
        case PatternNode::Kind::kFor:
          AddFor(node);
          break;
        case PatternNode::Kind::kInclude:
          AddInclude(node);
          break;
      }
    }
  }

  void AddStep(const PatternNode& node) {
    Step step = {.id = static_cast<int>(workflow_.steps.size()) + 1,
                 .title = node.title,
                 .tool = node.tool,
                 .prompt = Numbered(node.prompt),
                 .tier = Numbered(node.tier),
                 .on_fail = node.on_fail,
                 .blocks = blocks_,
                 .session = Numbered(node.session),
                 .timeout = node.timeout};
    if (step.tier.empty() && step.tool == kAnyAgentTool) {
      step.tier = files_.back().tier;
    }
    if (node.own_condition.has_value()) {
      CheckDepth(*node.own_condition, node);
      step.blocks.push_back({.kind = Block::Kind::kIf,
                             .number = ++blocks_begun_,
                             .condition = Numbered(*node.own_condition)});
    }
    if (node.max_iterations.has_value()) Limit(node);
    size_t size = sizeof(step) + step.title.size() + step.prompt.size();
    for (const Block& block : step.blocks) size += SizeOf(block);
    Grow(size, node);
    if (is_too_large_) return;
    places_.push_back({files_.back().name, node.heading});
    workflow_.steps.push_back(std::move(step));
  }

  // Adds `size` to that of the workflow. `node` is what takes it.
  void Grow(size_t size, const PatternNode& node) {
    size_ += size;
    if (size_ <= kMaxWorkflowBytes || is_too_large_) return;
    is_too_large_ = true;
    Add(Severity::kError, node,
        "the workflow is too large: too many steps, in too many blocks, or too "
        "much is included");
  }

  void CheckDepth(const Condition& condition, const PatternNode& node) {
    if (CanBeWritten(condition)) return;
    Add(Severity::kError, node,
        "a condition is too deep: of parentheses and negations, no more than "
        "60 can stand in one another");
  }

  void AddIf(const PatternNode& node) {
    CheckDepth(node.condition, node);
    Condition condition = Numbered(node.condition);
    const int number = ++blocks_begun_;
    blocks_.push_back(
        {.kind = Block::Kind::kIf, .number = number, .condition = condition});
    AddNodes(node.body);
    blocks_.back() = {.kind = Block::Kind::kElse,
                      .number = number,
                      .condition = Not(std::move(condition))};
    AddNodes(node.otherwise);
    blocks_.pop_back();
  }

  void AddFor(const PatternNode& node) {
    for (const Block& block : blocks_) {
      if (block.kind == Block::Kind::kFor && block.variable == node.variable) {
        Add(Severity::kError, node,
            "a loop around this one has the same variable");
      }
    }
    blocks_.push_back({.kind = Block::Kind::kFor,
                       .number = ++blocks_begun_,
                       .variable = node.variable,
                       .collection = Numbered(node.collection)});
    loops_.emplace_back();
    const size_t begin = workflow_.steps.size();
    AddNodes(node.body);
    if (workflow_.steps.size() == begin && !diagnostics_.has_errors()) {
      Add(Severity::kWarning, node, "there is no step in this loop");
    }
    const size_t depth = blocks_.size() - 1;
    for (size_t i = begin; i < workflow_.steps.size(); ++i) {
      workflow_.steps[i].blocks[depth].max_iterations =
          loops_.back().value_or(kDefaultIterations);
    }
    loops_.pop_back();
    blocks_.pop_back();
  }

  // Takes the limit that a step sets for the loop that it stands in.
  void Limit(const PatternNode& node) {
    if (loops_.empty()) {
      Add(Severity::kWarning, node,
          "MaxIterations means nothing here: the step stands in no FOR");
      return;
    }
    if (loops_.back().value_or(*node.max_iterations) != *node.max_iterations) {
      Add(Severity::kWarning, node,
          absl::StrCat("MaxIterations of the same FOR is ", *loops_.back(),
                       " in a step before, and that holds"));
      return;
    }
    loops_.back() = node.max_iterations;
  }

  void AddInclude(const PatternNode& node) {
    if (node.reference.empty()) return;  // the parser has said so
    if (++includes_ > kMostIncludes) {
      if (includes_ == kMostIncludes + 1) {
        Add(Severity::kError, node,
            absl::StrCat("more than ", kMostIncludes,
                         " patterns would be included"));
      }
      return;
    }
    const absl::StatusOr<SourceFile> file =
        load_(files_.back().name, node.reference);
    if (!file.ok()) {
      Add(Severity::kError, node, std::string(file.status().message()));
      return;
    }
    const auto same =
        std::find_if(files_.begin(), files_.end(),
                     [&](const File& open) { return open.name == file->name; });
    if (same != files_.end()) {
      std::vector<std::string> cycle;
      for (auto open = same; open != files_.end(); ++open) {
        cycle.push_back(open->name);
      }
      cycle.push_back(file->name);
      Add(Severity::kError, node,
          absl::StrCat("a pattern cannot include itself: ",
                       absl::StrJoin(cycle, " includes ")));
      return;
    }
    // Else files that are included would take any amount of time, and those
    // that are open any amount of memory.
    const Pattern pattern =
        ParsePattern(*file, static_cast<int>(blocks_.size()), diagnostics_);
    Grow(file->text.size() + SizeOf(pattern.body), node);
    if (!is_too_large_) AddFile(*file, pattern);
  }

  // Warns of mentions of steps that the file, whose steps begin at the index
  // `begin`, does not have.
  void CheckReferences(size_t begin) {
    const int last = static_cast<int>(workflow_.steps.size());
    for (size_t i = begin; i < workflow_.steps.size(); ++i) {
      if (places_[i].file != files_.back().name) continue;
      for (const int id :
           StepsMentionedWithin(workflow_.steps[i], files_.back().blocks)) {
        if (id > files_.back().first_step && id <= last) continue;
        AddAt(Severity::kWarning, places_[i].file, places_[i].heading,
              absl::StrCat("it mentions the outcome of step ",
                           id - files_.back().first_step,
                           ", and there is no such step"));
      }
    }
  }

  // With the numbers that steps have in the workflow.
  std::string Numbered(absl::string_view text) const {
    return ShiftSteps(text, files_.back().first_step);
  }
  Condition Numbered(const Condition& condition) const {
    return ShiftSteps(condition, files_.back().first_step);
  }

  void Add(Severity severity, const PatternNode& node, std::string message) {
    AddAt(severity, files_.back().name, node.heading, std::move(message));
  }

  void AddAt(Severity severity, absl::string_view file, const Heading& heading,
             std::string message) {
    diagnostics_.Add(severity, file, heading.line, heading.text, 0,
                     std::move(message));
  }

  struct Place {
    std::string file;
    Heading heading;
  };

  IncludeLoader load_;
  Diagnostics& diagnostics_;
  Workflow workflow_;
  std::vector<Place> places_;              // of the steps
  std::vector<File> files_;                // that are open
  std::vector<Block> blocks_;              // that are open
  std::vector<std::optional<int>> loops_;  // the limits of those that are FOR
  int blocks_begun_ = 0;
  int includes_ = 0;
  size_t size_ = 0;
  bool is_too_large_ = false;
};

}  // namespace

Workflow CompilePattern(const SourceFile& file, IncludeLoader load,
                        Diagnostics& diagnostics) {
  return Compiler(load, diagnostics).Compile(file);
}

}  // namespace csa
