#include "common/cli/exit_status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace csa {
namespace {

// The type under which a status carries its exit status: absl::Status asks for
// something like a URL.
constexpr char kPayload[] = "csa/exit-status";

}  // namespace

absl::Status WithExitStatus(absl::Status status, ExitStatus exit_status) {
  status.SetPayload(kPayload,
                    absl::Cord(absl::StrCat(static_cast<int>(exit_status))));
  return status;
}

ExitStatus ExitStatusFor(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  int number;
  if (payload.has_value() && absl::SimpleAtoi(std::string(*payload), &number)) {
    return ExitStatusOf(number);
  }
  return ExitStatus::kFailed;
}

absl::Status WithExecutionStatus(const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    return WithExitStatus(status, ExitStatus::kNotFound);
  }
  if (absl::IsPermissionDenied(status)) {
    return WithExitStatus(status, ExitStatus::kNotExecutable);
  }
  return status;
}

}  // namespace csa
