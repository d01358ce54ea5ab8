// session.json and command: what a session was started as.

#ifndef CSA_COMMON_SESSION_SESSION_SPEC_H_
#define CSA_COMMON_SESSION_SESSION_SPEC_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace csa {

// Where the command's standard input comes from.
enum class CommandInput {
  kNull,    // /dev/null
  kPrompt,  // prompt.txt
};

// The content of session.json, except for what `command` holds exactly.
struct SessionSpec {
  std::string id;
  absl::Time created_at;
  // For show: invalid UTF-8 is replaced. What is executed stands in `command`.
  std::vector<std::string> argv;
  std::string project;  // canonical path; empty when it had been removed
  std::string description;
  std::string tool;
  std::string model;
  std::string access;        // what the tool may do, where it knows limits
  std::string conversation;  // the tool's own id for it, where that is known
  std::string continues;     // the id of the session whose conversation goes on
  std::string parent;  // the id of the session it was started from, or empty
  int depth = 1;
  std::optional<absl::Duration> timeout;
  std::optional<absl::Duration> idle_timeout;
  std::optional<int64_t> memory_max;  // bytes, of all its processes together
  std::map<std::string, std::string> labels;
  CommandInput input = CommandInput::kNull;
  // Whether the sessions that are started in it end with it, however it ends;
  // else they go on when it ends by itself.
  bool ends_nested = false;
  uint64_t pid_namespace = 0;  // OwnPidNamespace() of the starter; 0: not known

  friend bool operator==(const SessionSpec&, const SessionSpec&) = default;
};

// How deep sessions may be nested.
inline constexpr int kDeepestSession = 5;

// A prompt that is longer is refused.
inline constexpr size_t kMaxPromptBytes = size_t{10} << 20;

// How much of each file is read at most. A command line is at most 6 MiB
// (execve(2)); session.json holds it with every byte escaped.
inline constexpr size_t kMaxCommandBytes = size_t{8} << 20;
inline constexpr size_t kMaxSpecBytes = size_t{64} << 20;

// One JSON object and a newline.
std::string FormatSessionSpec(const SessionSpec& spec);

// DataLoss when `json` is none of ours. Unknown keys are ignored.
absl::StatusOr<SessionSpec> ParseSessionSpec(absl::string_view json);

// The file `command`: each argument, then NUL.
std::string FormatCommand(const std::vector<std::string>& argv);

// DataLoss when there is no argument, or the last one does not end.
absl::StatusOr<std::vector<std::string>> ParseCommand(absl::string_view bytes);

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_SPEC_H_
