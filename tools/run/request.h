// What is to be run: the command line of csa-run.

#ifndef CSA_TOOLS_RUN_REQUEST_H_
#define CSA_TOOLS_RUN_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cli/tool.h"

namespace csa {

struct Request {
  std::vector<std::string> spawn_arguments;  // of csa-spawn, its path first
  std::string prompt;
  std::vector<std::string> notes;  // what the caller is to be told, a line each
};

// The request of whoever calls csa-run: from its options and the configuration.
// May block for the prompt. Makes the directory of a conversation that goes on
// the working directory. Nothing has been started when it fails; the error has
// an exit status where ChooseTool gives one.
absl::StatusOr<Request> ResolveRequest(const Operands& operands);

}  // namespace csa

#endif  // CSA_TOOLS_RUN_REQUEST_H_
