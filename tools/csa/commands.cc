#include "tools/csa/commands.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/cli/nearest.h"

namespace csa {
namespace {

struct Command {
  absl::string_view name;
  absl::string_view summary;
};

constexpr std::array<Command, 15> kCommands = {{
    {"run", "give a prompt to an agent, as a session"},
    {"spawn", "start any command as a session"},
    {"review", "have agents review a change, as a session"},
    {"debate", "have two agents debate a question, as a session"},
    {"plan", "run a workflow, as a session"},
    {"wait", "wait for sessions, and print how they ended"},
    {"kill", "end sessions, and everything that they started"},
    {"attach", "follow a session's output until it has ended"},
    {"logs", "print what a session has written, and follow it"},
    {"status", "tell whether a session is running"},
    {"result", "tell how a session ended"},
    {"list", "list sessions, the newest first"},
    {"gc", "end what is left of lost sessions, remove old ones"},
    {"config", "show the configuration that holds here"},
    {"doctor", "say whether csa finds here what it needs"},
}};

// Other names of commands.
constexpr std::array<std::pair<absl::string_view, absl::string_view>, 1>
    kAliases = {{{"ps", "list"}}};

// How many of the words at `word` are a global option with its value: 0 for
// something else.
size_t GlobalOptionLength(const std::string& word) {
  if (word == "--format" || word == "--cd") return 2;
  const bool alone = word == "--help" || word == "-h" || word == "--version" ||
                     word == "--json" || absl::StartsWith(word, "--format=") ||
                     absl::StartsWith(word, "--cd=");
  return alone ? 1 : 0;
}

}  // namespace

Invocation ParseInvocation(const std::vector<std::string>& words) {
  Invocation invocation;
  bool help = false;
  size_t next = 0;
  while (next < words.size()) {
    const std::string& word = words[next];
    const size_t option = GlobalOptionLength(word);
    if (option == 0 && word != "help" && word != "session") break;
    const size_t end =
        std::min(next + std::max<size_t>(option, 1), words.size());
    help = help || word == "help";
    for (; next < end; ++next) {
      if (option > 0) invocation.arguments.push_back(words[next]);
    }
  }
  if (help) invocation.arguments.emplace_back("--help");
  const bool named = next < words.size() && words[next][0] != '-';
  if (named) {
    absl::string_view name = words[next++];
    for (const auto& [alias, command] : kAliases) {
      if (name == alias) name = command;
    }
    invocation.program = absl::StrCat("csa-", name);
    invocation.manual_page = help;
  }
  invocation.arguments.insert(invocation.arguments.end(),
                              words.begin() + static_cast<std::ptrdiff_t>(next),
                              words.end());
  return invocation;
}

std::string NearestCommand(absl::string_view word) {
  std::vector<std::string> names;
  names.reserve(kCommands.size());
  for (const Command& command : kCommands) names.emplace_back(command.name);
  return Nearest(word, names);
}

std::string DescribeCommands() {
  std::string lines = "\n\nCommands:\n";
  for (const Command& command : kCommands) {
    absl::StrAppendFormat(&lines, "  %-8s%s\n", command.name, command.summary);
  }
  absl::StrAppend(&lines,
                  "\n'csa help COMMAND' tells more; 'csa session COMMAND' is "
                  "the same as 'csa COMMAND'.");
  return lines;
}

}  // namespace csa
