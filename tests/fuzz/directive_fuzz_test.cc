// Directives: one line, which ends where it seems to, and gives back the
// values.

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/utf8.h"
#include "common/cli/directive.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

// Takes a value, quoted or bare, off `text`, as a reader of directives would.
std::string TakeValue(absl::string_view& text) {
  const bool quoted = absl::ConsumePrefix(&text, "\"");
  std::string value;
  while (!text.empty() && text[0] != (quoted ? '"' : ' ')) {
    if (absl::ConsumePrefix(&text, "\\x")) {
      absl::StrAppend(&value, absl::HexStringToBytes(text.substr(0, 2)));
      text.remove_prefix(2);
    } else {
      value.push_back(text[0]);
      text.remove_prefix(1);
    }
  }
  csa::Require(absl::ConsumePrefix(&text, "\"") == quoted);
  return value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<std::string> values = csa::PiecesOf(data, size);
  std::vector<std::pair<absl::string_view, std::string>> pairs;
  for (const std::string& value : values) pairs.emplace_back("key", value);
  const std::string line = csa::FormatDirective("NAME", pairs);
  for (const char c : line) {
    csa::Require(!absl::ascii_iscntrl(static_cast<unsigned char>(c)));
  }
  csa::Require(csa::ReplaceInvalidUtf8(line) == line);
  csa::Require(line.find('>') == line.size() - 1);
  absl::string_view rest = line;
  csa::Require(absl::ConsumePrefix(&rest, "<!-- CSA:NAME"));
  for (const std::string& value : values) {
    csa::Require(absl::ConsumePrefix(&rest, " key="));
    csa::Require(TakeValue(rest) == value);
  }
  csa::Require(rest == " -->");
  return 0;
}
