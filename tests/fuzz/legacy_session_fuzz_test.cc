// daemon.pid and the directive of the older csa: never a pid of 1 or less, what
// is written is read again, and the last directive counts.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/cli/directive.h"
#include "common/session/legacy_session.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

void CheckPidFile(absl::string_view text) {
  const std::optional<csa::LegacyPid> named = csa::ParseLegacyPidFile(text);
  if (!named.has_value()) return;
  csa::Require(named->pid > 1);
  std::string file = absl::StrCat(named->pid);
  if (named->start_ticks.has_value()) {
    absl::StrAppend(&file, " ", *named->start_ticks);
  }
  csa::Require(csa::ParseLegacyPidFile(absl::StrCat(file, "\n")) == named);
}

void CheckDirective(absl::string_view text) {
  const std::optional<csa::LegacyPid> named = csa::ParseLegacyDirective(text);
  csa::Require(!named.has_value() ||
               (named->pid > 1 && !named->start_ticks.has_value()));
  if (absl::StrContains(text, "<!-- CSA:SESSION_STARTED ")) return;
  // Among whatever output it stands, and whatever its other values are.
  const std::string directive = csa::FormatDirective(
      "SESSION_STARTED", {{"id", "01M81YX7MS8VXVTKB32QRPJJAH"},
                          {"pid", "4321"},
                          {"dir", std::string(text)}});
  const std::optional<csa::LegacyPid> ours =
      csa::ParseLegacyDirective(absl::StrCat(text, "\n", directive, "\n"));
  csa::Require(ours == csa::LegacyPid{.pid = 4321});
  csa::Require(csa::ParseLegacyDirective(absl::StrCat(directive, "\n", text)) ==
               ours);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  CheckPidFile(text);
  CheckDirective(text);
  return 0;
}
