// session.json and command: what is read is possible, and is written and read
// the same again.

#include "common/session/session_spec.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

void CheckSpec(absl::string_view text) {
  const absl::StatusOr<csa::SessionSpec> spec = csa::ParseSessionSpec(text);
  if (!spec.ok()) return;
  for (const std::optional<absl::Duration>& timeout :
       {spec->timeout, spec->idle_timeout}) {
    csa::Require(!timeout.has_value() || *timeout > absl::ZeroDuration());
  }
  csa::Require(spec->depth >= 1);
  const std::string json = csa::FormatSessionSpec(*spec);
  const absl::StatusOr<csa::SessionSpec> again = csa::ParseSessionSpec(json);
  csa::Require(again.ok() && csa::FormatSessionSpec(*again) == json);
}

void CheckCommand(absl::string_view text) {
  const auto argv = csa::ParseCommand(text);
  csa::Require(!argv.ok() || csa::FormatCommand(*argv) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  CheckSpec(text);
  CheckCommand(text);
  return 0;
}
