// Asking a program for its version.

#ifndef CSA_TOOLS_DOCTOR_PROGRAM_VERSION_H_
#define CSA_TOOLS_DOCTOR_PROGRAM_VERSION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace csa {

// Runs `program --version`, with nothing to read, without a terminal, and for
// as long as `timeout` at most. Returns the first line that it prints, as
// VersionLine gives it. FailedPrecondition, with the reason, where it fails,
// prints nothing or does not end.
//
// Nothing that it has started is alive when this returns, or a few moments
// after the caller was killed. What could not be ended is named in the error.
absl::StatusOr<std::string> ProgramVersion(const std::string& program,
                                           absl::Duration timeout);

// The first line of `text` that is not blank, without blanks around it, 80
// characters of it at most, so that it can be shown on a terminal; "" if there
// is none.
std::string VersionLine(absl::string_view text);

}  // namespace csa

#endif  // CSA_TOOLS_DOCTOR_PROGRAM_VERSION_H_
