// session.json and command: what is read is written and read the same again.

#include "common/session/session_spec.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  const absl::StatusOr<csa::SessionSpec> spec = csa::ParseSessionSpec(text);
  if (spec.ok()) {
    const std::string json = csa::FormatSessionSpec(*spec);
    const absl::StatusOr<csa::SessionSpec> again = csa::ParseSessionSpec(json);
    csa::Require(again.ok() && csa::FormatSessionSpec(*again) == json);
  }
  const auto argv = csa::ParseCommand(text);
  csa::Require(!argv.ok() || csa::FormatCommand(*argv) == text);
  return 0;
}
