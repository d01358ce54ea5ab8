// The variables of bash scripts, as far as their text tells. It is not parsed:
// what stands in comments and quotes counts too.

#ifndef CSA_COMMON_WORKFLOW_BASH_VARIABLES_H_
#define CSA_COMMON_WORKFLOW_BASH_VARIABLES_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/workflow/variables.h"

namespace csa {

// The mentions "$NAME" and "${NAME…}" in `script`, in their order.
std::vector<VariableUse> FindVariablesOfBash(absl::string_view script);

// The variables that `script` gives a value, each with the place from which it
// has one: behind the first line that assigns it, at the beginning of a command
// or behind export, local and the like; that has "for NAME in", "read NAME",
// "printf -v NAME" or "mapfile NAME" in it.
std::map<std::string, size_t> FindValuesOfBash(absl::string_view script);

}  // namespace csa

#endif  // CSA_COMMON_WORKFLOW_BASH_VARIABLES_H_
