#include "common/session/session_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/atomic_file.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"

namespace csa {

absl::StatusOr<SessionDirectory> SessionDirectory::Open(
    int sessions, SessionId id, const std::string& name,
    const std::string& sessions_path) {
  absl::StatusOr<UniqueFd> fd = OpenOwnDirectory(sessions, name);
  if (absl::IsNotFound(fd.status())) {
    return absl::NotFoundError(absl::StrCat("no such session: ", id.text(),
                                            " (in ", sessions_path, ")"));
  }
  if (!fd.ok()) return fd.status();
  std::string path = absl::StrCat(sessions_path, "/", id.text());
  return SessionDirectory(*std::move(fd), id, std::move(path));
}

std::string SessionDirectory::PathOf(const std::string& file) const {
  return absl::StrCat(path_, "/", file);
}

absl::StatusOr<SessionSpec> SessionDirectory::ReadSpec() const {
  CSA_ASSIGN_OR_RETURN(const std::string json,
                       ReadFileAt(fd(), kSpecFile, kMaxSpecBytes));
  return ParseSessionSpec(json);
}

absl::StatusOr<std::vector<std::string>> SessionDirectory::ReadCommand() const {
  CSA_ASSIGN_OR_RETURN(const std::string bytes,
                       ReadFileAt(fd(), kCommandFile, kMaxCommandBytes));
  return ParseCommand(bytes);
}

absl::StatusOr<SessionResult> SessionDirectory::ReadResult() const {
  const absl::StatusOr<std::string> toml =
      ReadFileAt(fd(), kResultFile, kMaxResultBytes);
  if (absl::IsNotFound(toml.status())) return toml.status();
  // Where no descriptor is left, it is not known whether there is one.
  if (absl::IsResourceExhausted(toml.status())) return toml.status();
  // Whatever keeps it from being read, it is there, and says nothing.
  if (!toml.ok()) return absl::DataLossError(toml.status().message());
  CSA_ASSIGN_OR_RETURN(SessionResult result, ParseSessionResult(*toml));
  if (result.id.empty() && !IsLegacy()) {
    return absl::DataLossError("'id' is missing");
  }
  if (!result.id.empty() && result.id != id_.text()) {
    return absl::DataLossError(
        absl::StrCat("it is of session ", result.id, ", not of this one"));
  }
  return result;
}

absl::StatusOr<std::optional<UniqueFd>> SessionDirectory::OpenLog(
    const std::string& file) const {
  absl::StatusOr<UniqueFd> log = OpenRegularAt(fd(), file);
  if (log.ok()) return *std::move(log);
  if (!absl::IsNotFound(log.status())) return log.status();
  CSA_RETURN_IF_ERROR(CheckNotRemoved());
  return std::nullopt;
}

std::string SessionDirectory::ReadSummary() const {
  // Of a last line that is longer, the summary is from its midst.
  constexpr size_t kTailBytes = 64 * 1024;
  return SummaryOf(ReadTailAt(fd(), kStdoutFile, kTailBytes).value_or(""));
}

absl::Status SessionDirectory::Publish(const SessionResult& result) const {
  return Named(path_,
               PublishFile(fd(), kResultFile, FormatSessionResult(result)));
}

absl::StatusOr<std::optional<pid_t>> SessionDirectory::Supervisor() const {
  const absl::StatusOr<UniqueFd> lock = OpenRegularAt(fd(), kLockFile);
  if (absl::IsNotFound(lock.status())) return std::nullopt;
  if (absl::IsResourceExhausted(lock.status())) {
    return Named(path_, lock.status());
  }
  if (!lock.ok()) {
    return absl::Status(
        lock.status().code(),
        absl::StrCat(PathOf(kLockFile), " cannot be opened: ",
                     lock.status().message(), ": whether the session runs ",
                     "cannot be told; put the file back, or remove it and end ",
                     "the session with csa kill"));
  }
  return WriteLockHolder(lock->get());
}

absl::StatusOr<bool> SessionDirectory::IsVisible() const {
  const absl::StatusOr<FileIdentity> named =
      IdentityAt(fd(), absl::StrCat("../", id_.text()));
  if (absl::IsNotFound(named.status())) return false;
  if (!named.ok()) return named.status();
  CSA_ASSIGN_OR_RETURN(const FileIdentity own, IdentityOf(fd()));
  return *named == own;
}

absl::Status SessionDirectory::CheckNotRemoved() const {
  CSA_ASSIGN_OR_RETURN(const bool visible, IsVisible());
  if (visible) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("session ", id_.text(), " has been removed"));
}

bool SessionDirectory::HasResult() const { return ExistsAt(fd(), kResultFile); }

bool SessionDirectory::IsLegacy() const {
  // One that is being removed has lost it too, but is hidden before.
  return !ExistsAt(fd(), kSpecFile) && IsVisible().value_or(false);
}

}  // namespace csa
