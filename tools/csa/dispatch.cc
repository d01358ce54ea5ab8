#include "tools/csa/dispatch.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/os/process.h"

namespace csa {
namespace {

absl::Status NoSuchCommand(const std::string& program) {
  const std::string command(absl::StripPrefix(program, "csa-"));
  const std::string nearest = NearestCommand(command);
  if (nearest == command) {
    return absl::NotFoundError(absl::StrCat(
        program, " is neither beside csa nor on PATH: install it"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown command '", command, "'; ",
      nearest.empty() ? "" : absl::StrCat("did you mean ", nearest, "? "),
      "'csa help' lists the commands"));
}

}  // namespace

absl::Status Dispatch(const Invocation& invocation) {
  CSA_ASSIGN_OR_RETURN(std::string program,
                       PathBesideExecutable(invocation.program));
  std::vector<std::string> argv = {std::move(program)};
  argv.insert(argv.end(), invocation.arguments.begin(),
              invocation.arguments.end());
  absl::Status failed = Execute(argv);
  if (!absl::IsNotFound(failed)) return failed;
  argv[0] = invocation.program;
  failed = Execute(argv);
  return absl::IsNotFound(failed) ? NoSuchCommand(invocation.program) : failed;
}

}  // namespace csa
