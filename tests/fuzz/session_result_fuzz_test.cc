// result.toml: what is read is written and read the same again, and fits into
// what is reserved for it.

#include "common/os/atomic_file.h"
#include "common/session/session_result.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  const std::string summary = csa::SummaryOf(text);
  csa::Require(summary.find('\n') == std::string::npos);
  const absl::StatusOr<csa::SessionResult> result =
      csa::ParseSessionResult(text);
  if (!result.ok()) return 0;
  csa::Require((result->status == csa::SessionStatus::kSuccess) ==
               (result->exit_code == 0));
  csa::SessionResult ours = *result;
  ours.stray_names.resize(0);
  const std::string toml = csa::FormatSessionResult(ours);
  csa::Require(toml.size() < csa::kReservedBytes);
  const absl::StatusOr<csa::SessionResult> again =
      csa::ParseSessionResult(toml);
  csa::Require(again.ok() && again->status == ours.status &&
               again->exit_code == ours.exit_code);
  return 0;
}
