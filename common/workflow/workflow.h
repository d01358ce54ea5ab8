// A workflow: what `csa plan` executes, and workflow.toml holds.

#ifndef CSA_COMMON_WORKFLOW_WORKFLOW_H_
#define CSA_COMMON_WORKFLOW_WORKFLOW_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/workflow/condition.h"

namespace csa {

// The names of what is no agent of the tool table.
inline constexpr absl::string_view kBashTool = "bash";
inline constexpr absl::string_view kAnyAgentTool = "csa";
inline constexpr absl::string_view kManualTool = "manual";
inline constexpr absl::string_view kNoteTool = "note";

// What holds where a step's turn has failed.
struct FailAction {
  enum class Kind {
    kAbort,     // the plan fails
    kSkip,      // the plan goes on
    kRetry,     // the step runs again, at most `retries` times
    kDelegate,  // the agent `tool` is asked to do it
  };
  Kind kind = Kind::kAbort;
  int retries = 0;
  std::string tool;

  friend bool operator==(const FailAction&, const FailAction&) = default;
};

// "abort", "skip", "retry 3", "delegate codex".
std::string FormatFailAction(const FailAction& action);

inline constexpr int kDefaultIterations = 10;
inline constexpr int kMostIterations = 50;
inline constexpr int kMostRetries = 50;
inline constexpr absl::Duration kLongestTimeout = absl::Hours(24 * 36500);

// An IF with its ELSE, or a FOR, that a step stands in.
struct Block {
  enum class Kind { kIf, kElse, kFor };
  Kind kind = Kind::kIf;
  // Counted from 1 as the blocks begin. An IF and its ELSE have the same.
  int number = 0;
  // What must hold: of an ELSE, that the IF's condition does not. It is asked
  // once, when the block is reached, by the first step that stands in it.
  Condition condition;
  // Of a FOR: the variable that has one item after the other, the text whose
  // items these are, and how many there may be.
  std::string variable;
  std::string collection;
  int max_iterations = kDefaultIterations;

  friend bool operator==(const Block&, const Block&) = default;
};

struct Step {
  int id = 0;  // its place in the workflow, counted from 1
  std::string title;
  std::string tool;  // "": a note, if there is no tier either
  std::string prompt;
  std::string tier;
  std::vector<int> depends_on;  // the steps before it whose outcome it mentions
  FailAction on_fail;
  std::vector<Block> blocks;  // that it stands in, the outermost first
  std::string session;        // "${NAME}": whose conversation goes on
  std::optional<absl::Duration> timeout;

  friend bool operator==(const Step&, const Step&) = default;
};

// What a step does.
enum class StepKind { kBash, kAgent, kManual, kNote };
StepKind KindOf(const Step& step);

struct WorkflowVariable {
  std::string name;
  std::optional<std::string> default_value;

  friend bool operator==(const WorkflowVariable&,
                         const WorkflowVariable&) = default;
};

struct Workflow {
  std::string name;
  std::string description;
  std::string version;
  std::vector<WorkflowVariable> variables;
  std::vector<Step> steps;

  friend bool operator==(const Workflow&, const Workflow&) = default;
};

// The script of a bash step with this prompt: its first fenced block of bash or
// sh, or all of it.
std::string ScriptOf(absl::string_view prompt);

// What must hold for `step` to run: the conditions of its blocks in one, as a
// text; "" where there is none.
std::string FormatConditions(const Step& step);

// The step that `name` asks the outcome of, as STEP_3_OUTPUT, STEP_3_SESSION
// and STEP_3_EXIT do; nothing where it is no such name.
std::optional<int> StepNamedBy(absl::string_view name);

// The items of a list: its lines that are not blank if it has more than one,
// else its words.
std::vector<std::string> ItemsOf(absl::string_view list);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_WORKFLOW_H_
