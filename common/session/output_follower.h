// Following what a session writes, to its end.

#ifndef CSA_COMMON_SESSION_OUTPUT_FOLLOWER_H_
#define CSA_COMMON_SESSION_OUTPUT_FOLLOWER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/os/file_watch.h"
#include "common/session/log_follower.h"
#include "common/session/session_directory.h"

namespace csa {

class OutputFollower {
 public:
  // How often the logs are looked at where nothing tells of a change.
  static constexpr absl::Duration kLookInterval = absl::Milliseconds(100);

  // Follows `logs`, which may be none.
  explicit OutputFollower(std::vector<LogFollower> logs);

  // For people: why output is looked for every kLookInterval, and how often
  // that is; empty where something tells of a change to the logs.
  std::string caveat() const;

  enum class Outcome { kToTheEnd, kInterrupted };

  // Copies what the logs get, as it comes, until `session` is no longer running
  // and all is copied, or `interrupt` (a descriptor, or -1) becomes readable.
  // Blocks that long. May be called again after that. Aborted when nobody is
  // left to read; other errors as ReadState, and as the sinks'.
  absl::StatusOr<Outcome> Follow(const SessionDirectory& session,
                                 int interrupt);

 private:
  // Blocks until something can be copied, and copies it, or `interrupt` or
  // `end` is readable: `interrupted_`, `ended_`.
  absl::Status AwaitEvent(int interrupt, int end);

  void Changed();

  // Whether there may be something that has not been copied.
  bool behind() const;

  std::vector<LogFollower> logs_;
  absl::StatusOr<FileWatch> watch_;
  bool interrupted_ = false;
  bool ended_ = false;
};

}  // namespace csa

#endif  // CSA_COMMON_SESSION_OUTPUT_FOLLOWER_H_
