// Durations: what is taken is above zero and finite, and is read the same again
// when it is written.

#include "common/cli/duration.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  const absl::StatusOr<absl::Duration> duration = csa::ParseTimeout(text);
  csa::TimeoutOption option;
  std::string error;
  csa::Require(csa::AbslParseFlag(text, &option, &error) == duration.ok());
  csa::Require(error == duration.status().message());
  if (!duration.ok()) return 0;
  csa::Require(*duration > absl::ZeroDuration() &&
               *duration < absl::InfiniteDuration());
  csa::Require(option.value == *duration);
  const absl::StatusOr<absl::Duration> again =
      csa::ParseTimeout(csa::AbslUnparseFlag(option));
  csa::Require(again.ok() && *again == *duration);
  return 0;
}
