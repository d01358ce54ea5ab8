// Printing what a session has written.

#ifndef CSA_TOOLS_LOGS_LOGS_H_
#define CSA_TOOLS_LOGS_LOGS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/session/session_directory.h"

namespace csa {

enum class Streams { kStdout, kStderr, kBoth };

struct LogsOptions {
  Streams streams = Streams::kStdout;
  bool follow = false;                // until the session has ended
  std::optional<int64_t> last_lines;  // of each stream; all when it is not set
  // A stream that has not been written to since is left out: nobody knows when
  // what came in it.
  absl::Time since = absl::InfinitePast();
};

// Prints what `session` has written, to standard output: the stream that was
// written to last comes last; of both streams that are followed, each line when
// it has come whole. With --format json, an object for each line. Blocks while
// it follows. Aborted when nobody is left to read.
absl::Status PrintLogs(const SessionDirectory& session,
                       const LogsOptions& options);

}  // namespace csa

#endif  // CSA_TOOLS_LOGS_LOGS_H_
