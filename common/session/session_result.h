// result.toml: how a session ended.

#ifndef CSA_COMMON_SESSION_SESSION_RESULT_H_
#define CSA_COMMON_SESSION_SESSION_RESULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/os/proc.h"

namespace csa {

enum class SessionStatus {
  kSuccess,      // the command exited 0
  kFailure,      // it exited with something else
  kSignal,       // it died of a signal that was not ours
  kKilled,       // ended at the request of a user
  kTimeout,      // ended after --timeout
  kIdleTimeout,  // ended after --idle-timeout
  kLost,         // the supervisor died without a result
};

// The word that stands for it in files and output: "success", "idle_timeout" …
absl::string_view SessionStatusName(SessionStatus status);

// The content of result.toml. What is unknown is left out: a lost session has
// no raw outcome, and no usage.
struct SessionResult {
  std::string id;
  SessionStatus status = SessionStatus::kLost;
  int exit_code = 1;                  // 0 to 255: what `csa wait` exits with
  std::optional<int> command_exit;    // the leader's, if it exited
  std::optional<int> command_signal;  // the leader's, if it died of one
  std::string tool;
  std::string summary;  // UTF-8, one line, at most 200 characters
  absl::Time started_at;
  absl::Time completed_at;
  absl::Duration wall;
  std::optional<absl::Duration> cpu;
  std::optional<int64_t> max_rss_kb;
  std::optional<int64_t> memory_peak;  // bytes, of all its processes together
  int strays = 0;
  std::vector<std::string> stray_names;  // "PID COMM", at most 10
  std::string ended_by;                  // for kKilled; else empty

  friend bool operator==(const SessionResult&, const SessionResult&) = default;
};

inline constexpr char kResultFile[] = "result.toml";
inline constexpr size_t kMaxResultBytes = size_t{1} << 20;
inline constexpr int kMaxStrayNames = 10;

// A TOML document of less than kReservedBytes (atomic_file.h): text that would
// make it longer is cut.
std::string FormatSessionResult(const SessionResult& result);

// DataLoss when `toml` is no result: never a success by accident. Keys that are
// not known are ignored. Only `status` and `exit_code` are required where there
// is no `id`: the older csa wrote none.
absl::StatusOr<SessionResult> ParseSessionResult(absl::string_view toml);

// Sets the number of strays, and the names of as many as are named.
void RecordStrays(const std::vector<ProcessStat>& strays,
                  SessionResult& result);

// The last line of `output` that is not blank, as a summary: valid UTF-8,
// without control characters, at most 200 characters.
std::string SummaryOf(absl::string_view output);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_RESULT_H_
