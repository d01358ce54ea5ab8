// Durations: what is taken is above zero and finite.

#include "common/cli/duration.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<absl::Duration> duration =
      csa::ParseTimeout(csa::TextOf(data, size));
  csa::Require(!duration.ok() || (*duration > absl::ZeroDuration() &&
                                  *duration < absl::InfiniteDuration()));
  return 0;
}
