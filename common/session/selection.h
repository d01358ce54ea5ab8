// Which sessions are meant.

#ifndef CSA_COMMON_SESSION_SELECTION_H_
#define CSA_COMMON_SESSION_SELECTION_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/session/session_id.h"
#include "common/session/session_spec.h"
#include "common/session/session_state.h"
#include "common/session/session_store.h"

namespace csa {

// What is known of a session at one moment.
struct SessionEntry {
  SessionId id;
  // Of a session of the older csa, or one whose record cannot be read: the id,
  // and the time that it holds.
  SessionSpec spec;
  // Nothing where the result cannot be read.
  std::optional<SessionState> state;
};

// "running", or how it ended: "success", "lost" …; "corrupt" where that cannot
// be read.
absl::string_view StatusName(const SessionEntry& entry);

// What a session must be to be listed. What is empty excludes none.
struct Selection {
  // A StatusName, or "finished", which all are but "running" and "corrupt".
  std::string state;
  std::string tool;
  std::string project;  // canonical path
  std::map<std::string, std::string> labels;
  absl::Time since = absl::InfinitePast();
};

bool Matches(const Selection& selection, const SessionEntry& entry);

// The newest `count` sessions that match, the newest first. Reads the names of
// all, and no more of those that are older than the last one listed.
absl::StatusOr<std::vector<SessionEntry>> SelectNewest(
    const SessionStore& store, const Selection& selection, size_t count);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SELECTION_H_
