#include "tools/csa/dispatch.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
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

// Becomes man(1), with the page that is installed with csa. Returns where there
// is no such page, or no man.
absl::Status ShowManualPage(const std::string& program) {
  CSA_ASSIGN_OR_RETURN(
      const std::string name,
      PathBesideExecutable(absl::StrCat("../share/man/man1/", program, ".1")));
  CSA_ASSIGN_OR_RETURN(const std::string page, RealPath(name));
  return Execute({"man", page});
}

}  // namespace

absl::Status Dispatch(const Invocation& invocation) {
  // Where it cannot be shown, --help will do.
  if (invocation.manual_page) ShowManualPage(invocation.program).IgnoreError();
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
