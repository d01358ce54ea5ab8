// The command line of csa: no word of it is lost, but for "session" and "help"
// before the command.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fuzz/fuzz_input.h"
#include "tools/csa/commands.h"

namespace {

using Words = std::vector<std::string>;

// What ParseInvocation is to give, word by word.
csa::Invocation Expected(Words words) {
  csa::Invocation expected;
  bool help = false;
  const auto take = [&] {
    std::string word = words.front();
    words.erase(words.begin());
    return word;
  };
  while (!words.empty()) {
    const std::string& word = words.front();
    if (word == "session" || word == "help") {
      help = take() == "help" || help;
      continue;
    }
    const bool takes_value = word == "--format" || word == "--cd";
    if (!takes_value && word != "--help" && word != "-h" &&
        word != "--version" && !absl::StartsWith(word, "--format=") &&
        !absl::StartsWith(word, "--cd=")) {
      break;
    }
    expected.arguments.push_back(take());
    if (takes_value && !words.empty()) expected.arguments.push_back(take());
  }
  if (help) expected.arguments.emplace_back("--help");
  if (!words.empty() && !absl::StartsWith(words.front(), "-")) {
    expected.program = absl::StrCat("csa-", take());
  }
  for (const std::string& word : words) expected.arguments.push_back(word);
  return expected;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The words of a command line hold no NUL.
  const Words words = absl::StrSplit(csa::TextOf(data, size), '\0');
  const csa::Invocation invocation = csa::ParseInvocation(words);
  const csa::Invocation expected = Expected(words);
  csa::Require(invocation.program == expected.program);
  csa::Require(invocation.arguments == expected.arguments);
  const std::string nearest = csa::NearestCommand(words.front());
  csa::Require(nearest.empty() ||
               absl::StrContains(csa::DescribeCommands(), nearest));
  return 0;
}
