// The variables of a workflow: where a text mentions them, and what it becomes
// when they are put in.

#ifndef CSA_COMMON_WORKFLOW_VARIABLES_H_
#define CSA_COMMON_WORKFLOW_VARIABLES_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// By name. Values are bytes.
using Variables = std::map<std::string, std::string>;

// A place in a text that mentions a variable.
struct VariableUse {
  std::string name;
  std::optional<std::string> fallback;  // of ${NAME:-FALLBACK}
  size_t offset = 0;                    // of its "$", in bytes
  size_t length = 0;

  friend bool operator==(const VariableUse&, const VariableUse&) = default;
};

// Whether `c` can be part of the name of a variable.
bool IsVariableCharacter(char c);

// The name that `text` begins with; "" where it begins with none.
absl::string_view VariableNameAt(absl::string_view text);

// Whether `name` can be that of a variable: letters, digits and "_", no digit
// first.
bool IsVariableName(absl::string_view name);

// What a text may become: no prompt may be longer.
inline constexpr size_t kMaxSubstituted = size_t{10} << 20;

// Whether no workflow may set the variable `name`: those that csa sets, and
// those that decide what a script executes, as PATH does.
bool IsReservedVariable(absl::string_view name);

// The mentions ${NAME} and ${NAME:-FALLBACK} in `text`, in their order. A
// fallback ends at the "}" that closes it: those of a "${" within it are part
// of it. Anything else with a "$" is text, and so is a "${" that is not closed.
// Nothing escapes a mention: there is one in "\${NAME}" and in "$${NAME}".
std::vector<VariableUse> FindVariables(absl::string_view text);

// The mention that `text` is as a whole; nothing where it is none, or more.
std::optional<VariableUse> AsVariable(absl::string_view text);

// `text` with every mention replaced by the variable's value, or its fallback
// where that is not there or empty. What is put in is not looked at again, be
// it a value or a fallback. NotFound, with the names of all that are neither
// there nor have a fallback.
// OutOfRange where it would be longer than kMaxSubstituted.
absl::StatusOr<std::string> Substitute(absl::string_view text,
                                       const Variables& variables);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_VARIABLES_H_
