// One session's directory: docs/session-directory.md.

#ifndef CSA_COMMON_SESSION_SESSION_DIRECTORY_H_
#define CSA_COMMON_SESSION_SESSION_DIRECTORY_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/os/unique_fd.h"
#include "common/session/session_id.h"
#include "common/session/session_result.h"
#include "common/session/session_spec.h"

namespace csa {

// The names of the records in it, besides kResultFile.
inline constexpr char kSpecFile[] = "session.json";
inline constexpr char kCommandFile[] = "command";
inline constexpr char kPromptFile[] = "prompt.txt";
inline constexpr char kLockFile[] = "daemon.pid";
inline constexpr char kStdoutFile[] = "stdout.log";
inline constexpr char kStderrFile[] = "stderr.log";

// An open session directory. It stays the same one when it is renamed.
class SessionDirectory {
 public:
  // Opens the directory `name` in the open directory `sessions`, whose path is
  // `sessions_path`. NotFound when there is none; PermissionDenied unless it is
  // the caller's own and closed to others.
  static absl::StatusOr<SessionDirectory> Open(
      int sessions, SessionId id, const std::string& name,
      const std::string& sessions_path);

  const SessionId& id() const { return id_; }
  int fd() const { return fd_.get(); }

  // The absolute path that the session has while it can be seen.
  const std::string& path() const { return path_; }
  std::string PathOf(const std::string& file) const;

  // NotFound when there is no such record; DataLoss when it does not parse.
  absl::StatusOr<SessionSpec> ReadSpec() const;
  absl::StatusOr<std::vector<std::string>> ReadCommand() const;
  absl::StatusOr<SessionResult> ReadResult() const;

  // Opens the log `file` for reading. Nothing when there is none, as in a
  // session that was lost at its very start; NotFound when it is not there
  // because the session has been removed.
  absl::StatusOr<std::optional<UniqueFd>> OpenLog(
      const std::string& file) const;

  // The summary of what the command has written to its stdout so far.
  std::string ReadSummary() const;

  // Publishes `result` as this session's only one. AlreadyExists when there is
  // one; it stays as it is.
  absl::Status Publish(const SessionResult& result) const;

  // The pid of the session's supervisor, as its lock on daemon.pid tells;
  // nothing when no supervisor is alive. A pid of 0 or less: as
  // WriteLockHolder.
  absl::StatusOr<std::optional<pid_t>> Supervisor() const;

  // Whether its id is its name in the store: it has neither been hidden nor
  // removed since it was opened.
  absl::StatusOr<bool> IsVisible() const;

  // NotFound, with what to tell the user, when it is not. What is missing in it
  // has been removed then.
  absl::Status CheckNotRemoved() const;

  // Whether there is a record of a result, be it a valid one or not.
  bool HasResult() const;

  // Whether it was made by the older csa, which wrote no session.json.
  bool IsLegacy() const;

 private:
  SessionDirectory(UniqueFd fd, SessionId id, std::string path)
      : fd_(std::move(fd)), id_(id), path_(std::move(path)) {}

  UniqueFd fd_;
  SessionId id_;
  std::string path_;
};

}  // namespace csa

#endif  // CSA_COMMON_SESSION_SESSION_DIRECTORY_H_
