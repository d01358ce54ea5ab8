// Ids and parts of them: what is taken comes out in upper case, the same.

#include "absl/strings/ascii.h"
#include "common/session/session_id.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  const absl::StatusOr<csa::SessionId> id = csa::SessionId::Parse(text);
  csa::Require(!id.ok() || id->text() == absl::AsciiStrToUpper(text));
  const absl::StatusOr<std::string> part = csa::ParsePartOfSessionId(text);
  csa::Require(!part.ok() || *part == absl::AsciiStrToUpper(text));
  csa::Require(!id.ok() || part.ok());
  return 0;
}
