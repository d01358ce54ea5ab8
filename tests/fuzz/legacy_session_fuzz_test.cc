// daemon.pid and the directive of the older csa: never a pid of 1 or less.

#include "common/session/legacy_session.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  for (const std::optional<csa::LegacyPid>& named :
       {csa::ParseLegacyPidFile(text), csa::ParseLegacyDirective(text)}) {
    csa::Require(!named.has_value() || named->pid > 1);
  }
  return 0;
}
