// The summary of an output: its last line that is not blank, fit to be shown,
// and written and read the same again.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/utf8.h"
#include "common/session/session_result.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

bool IsBlank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_iscntrl(byte) || absl::ascii_isspace(byte);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view output = csa::TextOf(data, size);
  const std::string summary = csa::SummaryOf(output);
  bool blank = true;
  for (const char c : output) blank = blank && IsBlank(c);
  csa::Require(summary.empty() == blank);
  for (const char c : summary) csa::Require(c == ' ' || !IsBlank(c));
  csa::Require(csa::ReplaceInvalidUtf8(summary) == summary);
  csa::Require(csa::Utf8Prefix(summary, 200) == summary);
  csa::Require(csa::SummaryOf(absl::StrCat(output, "\n \r\n\t\n")) == summary);
  csa::Require(csa::SummaryOf(absl::StrCat("first\n", output)) ==
               (blank ? "first" : summary));
  csa::Require(csa::SummaryOf(absl::StrCat(output, "\nlast ")) == "last");
  const csa::SessionResult result = {.summary = summary};
  const absl::StatusOr<csa::SessionResult> again =
      csa::ParseSessionResult(csa::FormatSessionResult(result));
  csa::Require(again.ok() && again->summary == summary);
  return 0;
}
