// The conditions of a workflow: "${X}", "A == B", "!A", "A && (B || C)".
//
// They are parsed before any variable has a value, and values are compared as
// values: nothing that a variable holds can change what is asked.

#ifndef CSA_COMMON_WORKFLOW_CONDITION_H_
#define CSA_COMMON_WORKFLOW_CONDITION_H_

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/workflow/variables.h"

namespace csa {

// A condition, or a value in one.
struct Condition {
  enum class Kind {
    kVariable,  // ${NAME}, or ${NAME:-FALLBACK}
    kText,      // "text"
    kEqual,     // two values
    kNotEqual,  // two values
    kNot,       // one condition
    kAnd,       // two or more conditions; none of them a kAnd unless it stood
    kOr,        // in parentheses. kOr likewise
  };

  Kind kind = Kind::kText;
  std::string text;                     // the name, or the text
  std::optional<std::string> fallback;  // of a variable; it is text
  std::vector<Condition> operands;

  friend bool operator==(const Condition&, const Condition&) = default;
};

// What is wrong with a text, and where: a place in it, counted in bytes from 0.
struct TextError {
  size_t offset = 0;
  std::string message;
};

struct ParsedCondition {
  Condition condition;
  // Where a remark stands behind it, which is not part of it: all that is left
  // begins with "(" and ends with ")".
  std::optional<size_t> remark;
};

// Reads a condition:
//
//   or         = and {"||" and}
//   and        = unary {"&&" unary}
//   unary      = ("!" | "NOT") unary | "(" or ")" | comparison
//   comparison = value [("==" | "!=") value]
//   value      = ${NAME} | ${NAME:-fallback} | "text"
//
// Variables are those of FindVariables. In "text", \" and \\ stand for " and \,
// and nothing else is special: ${X} is text there. NOT is a word of its own, in
// capitals. Between all of these there may be blanks.
//
// It is an error to negate a comparison without parentheses, !A == B, since
// that has two meanings. At most 64 parentheses and negations may be open at a
// time. No message has anything of `text` in it.
std::variant<ParsedCondition, TextError> ParseCondition(absl::string_view text);

// The condition as a text that ParseCondition reads back as the same, if it can
// come from there. Parentheses stand only where they are needed.
std::string FormatCondition(const Condition& condition);

// Whether it holds. A value alone holds unless it is empty, "false", "0" or
// "no". Where a variable is not there or empty, it has its fallback's value, or
// is empty. Values are the same if their bytes are.
bool Holds(const Condition& condition, const Variables& variables);

// All the variables in it, in their order, with repetitions. Where they stood
// is not known any more: offset and length are 0.
std::vector<VariableUse> VariablesIn(const Condition& condition);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_CONDITION_H_
