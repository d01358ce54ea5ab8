// PATTERN.md: a workflow as people and agents write it.

#ifndef CSA_COMMON_WORKFLOW_PATTERN_H_
#define CSA_COMMON_WORKFLOW_PATTERN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/workflow/condition.h"
#include "common/workflow/workflow.h"

namespace csa {

// A pattern that is longer is refused.
inline constexpr size_t kMaxPatternBytes = size_t{1} << 20;

// How deep IF and FOR may be nested, those around an INCLUDE counted.
inline constexpr int kDeepestBlock = 64;

// A line with a heading of level 2: where it is, and what stands in it.
struct Heading {
  int line = 0;
  std::string text;  // the whole line

  friend bool operator==(const Heading&, const Heading&) = default;
};

// A step, or a directive with what stands in it.
struct PatternNode {
  enum class Kind { kStep, kIf, kFor, kInclude };
  Kind kind = Kind::kStep;
  Heading heading;

  // Of a step.
  std::string title;
  std::string prompt;  // the body without its hints
  std::string tool;
  std::string tier;
  std::string session;
  FailAction on_fail;
  std::optional<Condition> own_condition;
  std::optional<int> max_iterations;  // of the loop that the step stands in
  std::optional<absl::Duration> timeout;

  Condition condition;     // of an IF
  std::string variable;    // of a FOR
  std::string collection;  // of a FOR
  std::string reference;   // of an INCLUDE

  std::vector<PatternNode> body;       // of an IF or a FOR
  std::vector<PatternNode> otherwise;  // of an ELSE

  friend bool operator==(const PatternNode&, const PatternNode&) = default;
};

struct Pattern {
  std::string name;
  std::string description;
  std::string version;
  std::string tier;  // of steps by any agent that name none
  std::vector<PatternNode> body;
};

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_PATTERN_H_
