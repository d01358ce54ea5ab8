// result.toml: what is read is possible, what is written is read the same
// again, and it fits into what is reserved for it.

#include "common/os/atomic_file.h"
#include "common/session/session_result.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

void RequireSameAgain(const csa::SessionResult& result) {
  const std::string toml = csa::FormatSessionResult(result);
  const absl::StatusOr<csa::SessionResult> again =
      csa::ParseSessionResult(toml);
  csa::Require(again.ok() && csa::FormatSessionResult(*again) == toml);
}

// What anybody may have written.
void CheckRead(absl::string_view toml) {
  const absl::StatusOr<csa::SessionResult> result =
      csa::ParseSessionResult(toml);
  if (!result.ok()) return;
  csa::Require((result->status == csa::SessionStatus::kSuccess) ==
               (result->exit_code == 0));
  csa::Require(result->exit_code >= 0 && result->exit_code <= 255);
  csa::Require(!result->command_exit.has_value() ||
               !result->command_signal.has_value());
  const int command_exit = result->command_exit.value_or(0);
  csa::Require(command_exit >= 0 && command_exit <= 255);
  const int command_signal = result->command_signal.value_or(1);
  csa::Require(command_signal >= 1 && command_signal <= 64);
  csa::Require(result->strays >= 0);
  csa::Require(absl::AbsDuration(result->wall) < absl::InfiniteDuration());
  RequireSameAgain(*result);
}

// What a supervisor writes about a command that does its worst.
void CheckWritten(absl::string_view text) {
  csa::SessionResult result = {
      .id = "01M81YX7MS8VXVTKB32QRPJJAH",
      .status = csa::SessionStatus::kKilled,
      .exit_code = 143,
      .tool = std::string(text),
      .summary = csa::SummaryOf(text),
      .started_at = absl::UnixEpoch(),
      .completed_at = absl::UnixEpoch(),
      .wall = absl::Milliseconds(1500),
      .ended_by = std::string(text.substr(0, 46)),
  };
  std::vector<csa::ProcessStat> strays;
  while (text.size() > 15 && strays.size() < 100) {
    strays.push_back({.pid = 4194303, .comm = std::string(text.substr(0, 15))});
    text.remove_prefix(15);
  }
  csa::RecordStrays(strays, result);
  csa::Require(csa::FormatSessionResult(result).size() < csa::kReservedBytes);
  RequireSameAgain(result);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  CheckRead(text);
  CheckWritten(text);
  return 0;
}
