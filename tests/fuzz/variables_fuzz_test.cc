// Mentions of variables: they lie where they say, and what is put in for them
// is not looked at again.

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/workflow/variables.h"
#include "tests/fuzz/fuzz_input.h"

namespace csa {
namespace {

void CheckPlace(const VariableUse& use, absl::string_view text) {
  Require(IsVariableName(use.name));
  Require(use.offset < text.size() && use.length > use.name.size() &&
          use.length <= text.size() - use.offset);
  const absl::string_view mention = text.substr(use.offset, use.length);
  Require(mention[0] == '$' && absl::StrContains(mention, use.name));
  Require(absl::StrContains(mention, use.fallback.value_or("")));
}

void CheckMentions(absl::string_view text) {
  size_t end = 0;
  Variables variables;
  std::string expected;
  for (const VariableUse& use : FindVariables(text)) {
    CheckPlace(use, text);
    Require(use.offset >= end);
    const std::string written =
        use.fallback.has_value()
            ? absl::StrCat("${", use.name, ":-", *use.fallback, "}")
            : absl::StrCat("${", use.name, "}");
    Require(text.substr(use.offset, use.length) == written);
    variables[use.name] = "${X:-" + use.name + "}";
    absl::StrAppend(&expected, text.substr(end, use.offset - end),
                    variables[use.name]);
    end = use.offset + use.length;
  }
  absl::StrAppend(&expected, text.substr(end));
  const absl::StatusOr<std::string> result = Substitute(text, variables);
  Require(result.ok() && *result == expected);
  Require(Substitute(text, {}).ok() ||
          absl::IsNotFound(Substitute(text, {}).status()));
}

}  // namespace
}  // namespace csa

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  csa::CheckMentions(csa::TextOf(data, size));
  return 0;
}
