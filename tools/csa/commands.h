// The commands of csa.

#ifndef CSA_TOOLS_CSA_COMMANDS_H_
#define CSA_TOOLS_CSA_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace csa {

// What a command line of csa asks for.
struct Invocation {
  std::string program;  // "csa-wait"; empty where no command is named
  // Without the program's name: the options that stood before the command, then
  // what followed it.
  std::vector<std::string> arguments;
  // Whether the manual page of `program` is asked for: "help COMMAND". Where
  // there is none, --help, which is among the arguments, will do.
  bool manual_page = false;
};

// Takes apart `words`, a command line without the name of csa itself. "session
// wait" and its like are the same as "wait", "help COMMAND" is "COMMAND
// --help" or its manual page, "ps" is "list", and "help" alone names no
// command, with --help as the argument. A command that is not one of ours is
// taken as it is. Options that are no option of csa make it one that names no
// command.
Invocation ParseInvocation(const std::vector<std::string>& words);

// The name of a command that is nearest to `word`; "" if none is near.
std::string NearestCommand(absl::string_view word);

// A line for each command, for help.
std::string DescribeCommands();

}  // namespace csa

#endif  // CSA_TOOLS_CSA_COMMANDS_H_
