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

ABSL_FLAG(csa::OutputFormat, format, csa::OutputFormat::kText,
          "FORMAT|text or json: print the result as text, or as a JSON object "
          "a line");

ABSL_FLAG(bool, json, false, "the same as --format json");

namespace csa {
namespace {

// The result that has not been written yet.
std::string& Pending() {
  static std::string pending;
  return pending;
}

}  // namespace

bool AbslParseFlag(absl::string_view text, OutputFormat* format,
                   std::string* error) {
  if (text != "text" && text != "json") {
    *error = "give text or json";
    return false;
  }
  *format = text == "json" ? OutputFormat::kJson : OutputFormat::kText;
  return true;
}

std::string AbslUnparseFlag(OutputFormat format) {
  return format == OutputFormat::kJson ? "json" : "text";
}

OutputFormat Format() {
  return absl::GetFlag(FLAGS_json) ? OutputFormat::kJson
                                   : absl::GetFlag(FLAGS_format);
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
