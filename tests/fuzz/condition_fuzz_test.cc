// Conditions: what is read is read the same again when it is written, and what
// a variable holds does not change what is asked. Errors are within the text,
// and their messages can be printed.

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/workflow/condition.h"
#include "tests/fuzz/fuzz_input.h"

namespace csa {
namespace {

void CheckError(const TextError& error, absl::string_view text) {
  Require(error.offset <= text.size() && !error.message.empty());
  Require(std::all_of(error.message.begin(), error.message.end(),
                      [](unsigned char c) { return absl::ascii_isprint(c); }));
}

void CheckCondition(const ParsedCondition& parsed, absl::string_view text) {
  const std::string written = FormatCondition(parsed.condition);
  const auto again = ParseCondition(written);
  const auto* same = std::get_if<ParsedCondition>(&again);
  Require(same != nullptr && same->condition == parsed.condition);
  Require(!same->remark.has_value());
  Require(FormatCondition(same->condition) == written);
  if (parsed.remark.has_value()) {
    Require(*parsed.remark < text.size() && text[*parsed.remark] == '(');
    const auto alone = ParseCondition(text.substr(0, *parsed.remark));
    const auto* rest = std::get_if<ParsedCondition>(&alone);
    Require(rest != nullptr && rest->condition == parsed.condition);
  }

  // Values that are the same do not change the outcome by what they say.
  Variables plain;
  Variables odd;
  for (const VariableUse& use : VariablesIn(parsed.condition)) {
    Require(IsVariableName(use.name));
    plain[use.name] = "\x01";
    odd[use.name] = "\x02\" || ${X} == \"1) && (";
  }
  Require(Holds(parsed.condition, plain) == Holds(parsed.condition, odd) ||
          text.find('\x01') != text.npos || text.find('\x02') != text.npos);
}

}  // namespace
}  // namespace csa

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  const auto result = csa::ParseCondition(text);
  const auto* parsed = std::get_if<csa::ParsedCondition>(&result);
  if (parsed != nullptr) {
    csa::CheckCondition(*parsed, text);
  } else {
    csa::CheckError(std::get<csa::TextError>(result), text);
  }
  return 0;
}
