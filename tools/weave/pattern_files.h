// The files that patterns and workflows are in.

#ifndef CSA_TOOLS_WEAVE_PATTERN_FILES_H_
#define CSA_TOOLS_WEAVE_PATTERN_FILES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/workflow/workflow.h"

namespace csa {

inline constexpr char kPatternFile[] = "PATTERN.md";

// What an INCLUDE of `reference` in the pattern `including` leads to: a name is
// that of a pattern in the folder beside, "../NAME/PATTERN.md"; what has a
// slash or ends in ".md" is a path from the folder of `including`. Without "."
// and "..", as far as that can be. InvalidArgument for what cannot be either.
absl::StatusOr<std::string> ResolveReference(absl::string_view including,
                                             absl::string_view reference);

// The workflow of the pattern in the file `path`, with what that includes.
// Prints what is wrong with them, as notices; nothing is returned where that
// keeps it from being one: an error, or with `strict` also a warning. An error
// where the file cannot be read.
absl::StatusOr<std::optional<Workflow>> CompileFile(const std::string& path,
                                                    bool strict);

// The paths of the patterns in `directory`: its own, and those of the folders
// in it, sorted. NotFound where there is none.
absl::StatusOr<std::vector<std::string>> FindPatterns(
    const std::string& directory);

// "DIR/workflow.toml" for "DIR/PATTERN.md".
std::string WorkflowBeside(absl::string_view pattern);

// Writes the file `path`, over what is there: a reader sees the old one or the
// new one, whole.
absl::Status WriteWorkflow(const std::string& path, absl::string_view text);

}  // namespace csa

#endif  // CSA_TOOLS_WEAVE_PATTERN_FILES_H_
