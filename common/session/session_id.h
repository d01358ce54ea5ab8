// The ids of sessions.

#ifndef CSA_COMMON_SESSION_SESSION_ID_H_
#define CSA_COMMON_SESSION_SESSION_ID_H_

#include <array>
#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace csa {

// The id of a session: a ULID, 26 characters of Crockford's base32 in upper
// case. The first 10 are the time in milliseconds since 1970, so that ids sort
// by age; the other 16 are 80 random bits. https://github.com/ulid/spec
class SessionId {
 public:
  static constexpr size_t kLength = 26;
  // The least that is taken for part of an id.
  static constexpr size_t kShortestPart = 4;

  // A new id for a session that starts at `now`.
  static SessionId Generate(absl::Time now);

  // The id that `text` spells, in either case. InvalidArgument when it spells
  // none.
  static absl::StatusOr<SessionId> Parse(absl::string_view text);

  // All 26 characters.
  std::string text() const { return {text_.begin(), text_.end()}; }

  // The last 8: what is shown where there is little room. Prefixes would be
  // alike for sessions that start within seconds.
  absl::string_view short_text() const;

  // When it was generated, in whole milliseconds.
  absl::Time time() const;

  friend bool operator==(const SessionId&, const SessionId&) = default;
  // The older one is the lesser.
  friend bool operator<(const SessionId& a, const SessionId& b) {
    return a.text_ < b.text_;
  }

 private:
  explicit SessionId(absl::string_view text);

  // Of no terminator and no allocation: a store may have very many.
  std::array<char, kLength> text_;
};

// `text` in upper case, if it can be part of an id: 4 to 26 characters of
// Crockford's base32. InvalidArgument otherwise.
absl::StatusOr<std::string> ParsePartOfSessionId(absl::string_view text);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_ID_H_
