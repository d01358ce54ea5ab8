// Ids and parts of them: what is taken comes out in upper case, the same; each
// beginning and end of an id is a part.

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/session/session_id.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  const absl::StatusOr<std::string> part = csa::ParsePartOfSessionId(text);
  const bool fits =
      size >= csa::SessionId::kShortestPart && size <= csa::SessionId::kLength;
  bool spells = true;
  for (const char c : text) {
    spells = spells && absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
             !absl::StrContains("ILOUilou", absl::string_view(&c, 1));
  }
  csa::Require(part.ok() == (fits && spells));
  csa::Require(!part.ok() || *part == absl::AsciiStrToUpper(text));
  const absl::StatusOr<csa::SessionId> id = csa::SessionId::Parse(text);
  if (!id.ok()) return 0;
  csa::Require(part.ok() && id->text() == *part);
  csa::Require(csa::SessionId::Parse(id->text()).value() == *id);
  csa::Require(absl::EndsWith(id->text(), id->short_text()));
  for (size_t length = csa::SessionId::kShortestPart; length <= size;
       ++length) {
    csa::Require(csa::ParsePartOfSessionId(text.substr(0, length)).ok());
    csa::Require(csa::ParsePartOfSessionId(text.substr(size - length)).ok());
  }
  return 0;
}
