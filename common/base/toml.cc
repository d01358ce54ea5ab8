#include "common/base/toml.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/base/string_view.h"
#include "common/base/utf8.h"

namespace csa {
namespace {

absl::Status Malformed(size_t line, absl::string_view fault) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", fault));
}

// The length of the text that `toml` begins with, quotes and all. One that does
// not end goes up to where that shows.
size_t QuotedLength(absl::string_view toml) {
  const absl::string_view quote = toml.substr(0, 1);
  const std::string triple = absl::StrCat(quote, quote, quote);
  const bool many_lines = absl::StartsWith(toml, triple);
  const absl::string_view end = many_lines ? triple : quote;
  for (size_t i = end.size(); i < toml.size(); ++i) {
    if (!many_lines && toml[i] == '\n') return i;
    if (toml[i] == '\\' && quote == "\"") {
      ++i;
    } else if (absl::StartsWith(toml.substr(i), end)) {
      i += end.size();
      // Up to two quotes may stand before the three that end it.
      for (int more = 0; many_lines && more < 2; ++more) {
        if (absl::StartsWith(toml.substr(i), quote)) ++i;
      }
      return i;
    }
  }
  return toml.size();
}

// Whether `header`, which begins with '[', may begin the name of a table: with
// a bare key or a text. An empty name is toml++'s to refuse.
bool BeginsTableName(absl::string_view header) {
  const auto skip_blanks = [&] {
    header.remove_prefix(
        std::min(header.find_first_not_of(" \t"), header.size()));
  };
  header.remove_prefix(1);
  if (absl::StartsWith(header, "[")) header.remove_prefix(1);
  skip_blanks();
  return !header.empty() &&
         (absl::ascii_isalnum(static_cast<unsigned char>(header[0])) ||
          absl::StrContains("_-\"']", header.substr(0, 1)));
}

// How many parts a key may have, as "a.b.c" has three.
constexpr int kMaxKeyParts = 32;

// A place in a document, outside of texts and comments.
struct Place {
  std::string open;         // the brackets that are
  bool begins_line = true;  // nothing but blanks so far
  bool value = false;       // after a '=', or in a list
  bool bare = false;        // in a value that is no text, list or table
  int parts = 1;            // of the key, or the number, that is being read

  // Goes past `c`, which begins a text or a comment, or is all.
  void Pass(char c) {
    bare = value && !absl::StrContains(" \t\r\n,]}#\"'[{=", c);
    parts = c == '.' ? parts + 1 : absl::StrContains("[]{},=\n", c) ? 1 : parts;
    if (c == '[' || c == '{') open.push_back(c);
    if ((c == ']' || c == '}') && !open.empty()) open.pop_back();
    if (c == '=' || c == '}') value = true;
    if (c == '{' || (c == '\n' && open.empty())) value = false;
    if (c == ',') value = absl::EndsWith(open, "[");
    begins_line = c == '\n' || (begins_line && (c == ' ' || c == '\t'));
  }
};

// Why toml++ cannot be given what begins with `toml` at `place`; "" where it
// can.
absl::string_view FaultAt(const Place& place, absl::string_view toml) {
  const char c = toml[0];
  // toml++ reads on to where a value can end: what follows is no text to it.
  if (place.bare && absl::StrContains("\"'[{=", c)) {
    return "a value ends before a quote or a bracket";
  }
  if (!absl::ascii_isascii(static_cast<unsigned char>(c))) {
    return "only a text may hold other than ASCII";
  }
  if (c == '[' && place.begins_line && place.open.empty() &&
      !BeginsTableName(toml)) {
    return "a table must have a name";
  }
  if (c == '}' && absl::EndsWith(place.open, "[")) {
    return "'}' stands in a list";
  }
  if (c == '.' && place.parts == kMaxKeyParts) {
    return "a key has too many parts";
  }
  return "";
}

// Whether toml++ can be given `toml`. Follows it as far as it is well-formed:
// that is as far as toml++ reads.
absl::Status CheckReadable(absl::string_view toml) {
  size_t line = 1;
  Place place;
  while (!toml.empty()) {
    const char c = toml[0];
    const absl::string_view fault = FaultAt(place, toml);
    if (!fault.empty()) return Malformed(line, fault);
    size_t length = 1;
    if (c == '#') length = std::min(toml.find('\n'), toml.size());
    if (c == '"' || c == '\'') length = QuotedLength(toml);
    place.Pass(c);
    line += static_cast<size_t>(
        std::count(toml.begin(), toml.begin() + length, '\n'));
    toml.remove_prefix(length);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<toml::table> ParseToml(absl::string_view toml) {
  CSA_RETURN_IF_ERROR(CheckReadable(toml));
  toml::parse_result parsed = toml::parse(ToStd(toml));
  if (parsed) return std::move(parsed).table();
  return Malformed(parsed.error().source().begin.line,
                   ToAbsl(parsed.error().description()));
}

std::string QuoteToml(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const absl::string_view character =
        text.substr(0, std::max<size_t>(Utf8CharacterLength(text), 1));
    const auto last = static_cast<unsigned char>(character.back());
    // U+0080 to U+009F are control characters too.
    const bool is_control =
        absl::ascii_iscntrl(last) || (character[0] == '\xC2' && last < 0xA0);
    if (is_control) {
      absl::StrAppendFormat(&quoted, "\\u%04X", last);
    } else {
      if (last == '"' || last == '\\') quoted.push_back('\\');
      absl::StrAppend(&quoted, character);
    }
    text.remove_prefix(character.size());
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace csa
