// The option parser: operands come out as they are, an error names its option,
// and the options of a session are written and read the same again.

#include <algorithm>
#include <cstdint>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/cli/agent_options.h"
#include "common/cli/duration.h"
#include "common/cli/options.h"
#include "tests/fuzz/fuzz_input.h"

ABSL_FLAG(bool, quiet, false, "a switch");
ABSL_FLAG(int64_t, tail, -1, "N|a number");

namespace {

using Words = std::vector<std::string>;

// Parses, and leaves the flags as they were.
absl::StatusOr<Words> Parse(const Words& words, csa::OptionOrder order) {
  const absl::FlagSaver saver;
  return csa::ParseOptions(words, order);
}

// What is to be started by a line without operands.
absl::StatusOr<csa::LaunchOptions> Launch(const Words& words) {
  const absl::FlagSaver saver;
  CSA_ASSIGN_OR_RETURN(const Words operands,
                       csa::ParseOptions(words, csa::OptionOrder::kAnywhere));
  return csa::GetAgentOptions();
}

// Whether `message` is about one of these words.
bool NamesOneOf(absl::string_view message, const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](absl::string_view word) {
    const absl::string_view given = word.substr(0, word.find('='));
    // The only short form here, with what is taken for its value.
    const std::string option = absl::StartsWith(word, "-h")
                                   ? "--help"
                                   : absl::StrReplaceAll(given, {{"_", "-"}});
    return absl::StartsWith(given, "-") &&
           (absl::StartsWith(message, absl::StrCat(option, ": ")) ||
            message == absl::StrCat(given, " needs a value") ||
            absl::StartsWith(message, absl::StrCat("unknown option ", given)));
  });
}

// What stands after the options, and after "--", is left as it is.
void CheckOperands(const Words& words, csa::OptionOrder order) {
  Words marked = {"--"};
  marked.insert(marked.end(), words.begin(), words.end());
  csa::Require(Parse(marked, order).value() == words);
  const absl::StatusOr<Words> operands = Parse(words, order);
  if (!operands.ok()) {
    csa::Require(absl::IsInvalidArgument(operands.status()));
    csa::Require(NamesOneOf(operands.status().message(), words));
  } else if (order == csa::OptionOrder::kBeforeOperands) {
    csa::Require(
        operands->size() <= words.size() &&
        std::equal(operands->rbegin(), operands->rend(), words.rbegin()));
  }
}

void CheckLaunchOptions(const Words& words) {
  const absl::StatusOr<csa::LaunchOptions> options = Launch(words);
  if (!options.ok()) return;
  const absl::StatusOr<csa::LaunchOptions> again =
      Launch(csa::FormatLaunchOptions(*options));
  csa::Require(again.ok() && *again == *options);
}

// The reason that is given for a bad value is the one that its type has.
void CheckReason(const std::string& text) {
  const absl::StatusOr<absl::Duration> duration = csa::ParseTimeout(text);
  const absl::Status parsed =
      Parse({absl::StrCat("--timeout=", text)}, csa::OptionOrder::kAnywhere)
          .status();
  csa::Require(parsed.ok() == duration.ok());
  // An empty value is refused before its type is asked.
  csa::Require(parsed.ok() || text.empty() ||
               parsed.message() ==
                   absl::StrCat("--timeout: ", duration.status().message()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The words of a command line hold no NUL.
  const Words words = absl::StrSplit(csa::TextOf(data, size), '\0');
  CheckOperands(words, csa::OptionOrder::kAnywhere);
  CheckOperands(words, csa::OptionOrder::kBeforeOperands);
  CheckLaunchOptions(words);
  CheckReason(words.front());
  return 0;
}
