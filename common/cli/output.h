// What a tool prints when nothing went wrong.

#ifndef CSA_COMMON_CLI_OUTPUT_H_
#define CSA_COMMON_CLI_OUTPUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace csa {

// How a result is printed.
enum class OutputFormat { kText, kJson, kDot, kMermaid };

// The value of an option that takes text or json.
bool AbslParseFlag(absl::string_view text, OutputFormat* format,
                   std::string* error);
std::string AbslUnparseFlag(OutputFormat format);

// The format that the caller asked for by --format, or --json: options of every
// tool.
OutputFormat Format();

// Whether that is one of a drawing: there are few tools that draw.
bool IsDrawing(OutputFormat format);

// The value of --format.
struct FormatOption {
  OutputFormat format = OutputFormat::kText;
};
bool AbslParseFlag(absl::string_view text, FormatOption* option,
                   std::string* error);
std::string AbslUnparseFlag(const FormatOption& option);

// Adds a line to the result, which goes to stdout.
void PrintResult(absl::string_view line);

// Adds to the result what is in `fd`, from its present offset to its end. It is
// copied at once, after the lines before it.
absl::Status CopyToResult(int fd);

// Writes what has been added to stdout. Aborted when nobody is left to read it.
// What has failed once fails ever after, so that RunTool hears of it.
absl::Status FlushResult();

// Writes a line of talk to stderr, at once.
void PrintNotice(absl::string_view line);

}  // namespace csa

#endif  // CSA_COMMON_CLI_OUTPUT_H_
