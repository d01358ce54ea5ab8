#include "common/cli/output.h"

#include <unistd.h>

#include <cstdint>
#include <limits>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/os/file.h"

ABSL_FLAG(csa::FormatOption, format, {},
          "FORMAT|text or json: print the result as text, or as a JSON object "
          "a line");

ABSL_FLAG(bool, json, false, "the same as --format json");

namespace csa {
namespace {

struct FormatName {
  OutputFormat format;
  absl::string_view name;
};
constexpr FormatName kFormatNames[] = {
    {OutputFormat::kText, "text"},
    {OutputFormat::kJson, "json"},
    {OutputFormat::kDot, "dot"},
    {OutputFormat::kMermaid, "mermaid"},
};

constexpr char kFormats[] = "give text or json";
constexpr char kAllFormats[] =
    "give text or json, or for a drawing dot or mermaid";

// The result that has not been written yet.
std::string& Pending() {
  static std::string pending;
  return pending;
}

}  // namespace

bool AbslParseFlag(absl::string_view text, OutputFormat* format,
                   std::string* error) {
  FormatOption option;
  if (!AbslParseFlag(text, &option, error)) return false;
  *format = option.format;
  if (IsDrawing(*format)) *error = kFormats;
  return !IsDrawing(*format);
}

std::string AbslUnparseFlag(OutputFormat format) {
  for (const FormatName& known : kFormatNames) {
    if (known.format == format) return std::string(known.name);
  }
  return "";
}

bool AbslParseFlag(absl::string_view text, FormatOption* option,
                   std::string* error) {
  for (const FormatName& known : kFormatNames) {
    if (known.name != text) continue;
    option->format = known.format;
    return true;
  }
  *error = kAllFormats;
  return false;
}

std::string AbslUnparseFlag(const FormatOption& option) {
  return AbslUnparseFlag(option.format);
}

OutputFormat Format() {
  return absl::GetFlag(FLAGS_json) ? OutputFormat::kJson
                                   : absl::GetFlag(FLAGS_format).format;
}

bool IsDrawing(OutputFormat format) {
  return format == OutputFormat::kDot || format == OutputFormat::kMermaid;
}

void PrintResult(absl::string_view line) {
  absl::StrAppend(&Pending(), line, "\n");
}

absl::Status CopyToResult(int fd) {
  CSA_RETURN_IF_ERROR(FlushResult());
  constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();
  return CopyAll(fd, STDOUT_FILENO, kNoLimit).status();
}

absl::Status FlushResult() {
  static absl::Status failed;
  const std::string pending = std::exchange(Pending(), "");
  if (failed.ok()) failed = WriteAll(STDOUT_FILENO, pending);
  return failed;
}

void PrintNotice(absl::string_view line) {
  // There is nobody to tell when this fails.
  static_cast<void>(
      WriteAll(STDERR_FILENO, absl::StrCat(EscapeForDisplay(line), "\n")));
}

}  // namespace csa
