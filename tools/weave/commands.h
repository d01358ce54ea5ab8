// What weave does.

#ifndef CSA_TOOLS_WEAVE_COMMANDS_H_
#define CSA_TOOLS_WEAVE_COMMANDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/cli/exit_status.h"

namespace csa {

// Each prints what is wrong with a pattern as notices, and then returns kNo; so
// it does for warnings where it is `strict`.

// Compiles the pattern in the file `path` to the file `output`, or to the
// result where that is "" or "-".
absl::StatusOr<ExitStatus> Compile(const std::string& path,
                                   const std::string& output, bool strict);

// Compiles each pattern in `directory` to the file beside it. Writes none
// unless all of them can be compiled.
absl::StatusOr<ExitStatus> CompileAll(const std::string& directory,
                                      bool strict);

// Compares what the patterns in `directory` give with the files beside them.
// The result is what differs; kNo where anything does.
absl::StatusOr<ExitStatus> Check(const std::string& directory, bool strict);

// Draws the workflow in the file `path`, a pattern or a compiled one, as
// --format says.
absl::StatusOr<ExitStatus> Show(const std::string& path, bool strict);

}  // namespace csa

#endif  // CSA_TOOLS_WEAVE_COMMANDS_H_
