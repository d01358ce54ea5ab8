#include "common/os/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/fault_point.h"
#include "common/os/file.h"
#include "common/os/random.h"
#include "common/os/unique_fd.h"

namespace csa {
namespace {

std::string ReservationOf(const std::string& name) {
  return absl::StrCat(".", name);
}

std::string NewDraftOf(const std::string& name) {
  return absl::StrCat(ReservationOf(name), ".", absl::Hex(Random64()));
}

// Renames the reservation to `draft` and opens it. NotFound when there is none.
// What cannot be renamed (a mount point) or opened as a file is not what was
// reserved; the latter is removed.
absl::StatusOr<UniqueFd> Claim(int directory, const std::string& name,
                               const std::string& draft) {
  const absl::Status none =
      absl::NotFoundError(absl::StrCat("no space reserved for ", name));
  if (!RenameReplacing(directory, ReservationOf(name), draft).ok()) return none;
  absl::StatusOr<UniqueFd> fd = OpenRegularAt(directory, draft, O_WRONLY);
  if (fd.ok()) return fd;
  if (absl::IsResourceExhausted(fd.status())) {
    static_cast<void>(RenameNoReplace(directory, draft, ReservationOf(name)));
    return fd;
  }
  static_cast<void>(RemoveTree(directory, draft));
  return none;
}

}  // namespace

absl::Status ReserveFile(int directory, const std::string& name) {
  const std::string reservation = ReservationOf(name);
  CSA_ASSIGN_OR_RETURN(
      const UniqueFd fd,
      OpenAt(directory, reservation, O_WRONLY | O_CREAT | O_EXCL, 0600));
  const int reserved = RetryOnEintr([&] {
    return InjectFault("fallocate") ? -1
                                    : fallocate(fd.get(), 0, 0, kReservedBytes);
  });
  if (reserved == 0) return absl::OkStatus();
  if (errno != EOPNOTSUPP) {
    return ErrnoStatus(absl::StrCat("reserve space for ", name));
  }
  return WriteAll(fd.get(), std::string(kReservedBytes, '\0'));
}

absl::Status PublishFile(int directory, const std::string& name,
                         absl::string_view bytes) {
  // Of several processes that publish at once, one gets the reservation: each
  // works on a file of its own.
  std::string draft = NewDraftOf(name);
  absl::StatusOr<UniqueFd> file = Claim(directory, name, draft);
  const bool claimed = file.ok();
  if (absl::IsNotFound(file.status())) {
    draft = NewDraftOf(name);
    file = OpenAt(directory, draft, O_WRONLY | O_CREAT | O_EXCL, 0600);
  }
  CSA_ASSIGN_OR_RETURN(const UniqueFd fd, std::move(file));
  absl::Status published = WriteAll(fd.get(), bytes);
  if (published.ok() &&
      (InjectFault("ftruncate") ||
       ftruncate(fd.get(), static_cast<off_t>(bytes.size())) != 0)) {
    published = ErrnoStatus(absl::StrCat("truncate ", name));
  }
  if (published.ok()) {
    static_cast<void>(RetryOnEintr(
        [&] { return InjectFault("fdatasync") ? -1 : fdatasync(fd.get()); }));
    published = RenameNoReplace(directory, draft, name);
  }
  if (!published.ok()) {
    // Its space is for whoever publishes next, unless somebody has.
    const bool kept =
        claimed && !absl::IsAlreadyExists(published) &&
        RenameNoReplace(directory, draft, ReservationOf(name)).ok();
    if (!kept && !InjectFault("unlink")) unlinkat(directory, draft.c_str(), 0);
    return published;
  }
  static_cast<void>(SyncDirectory(directory));
  return absl::OkStatus();
}

}  // namespace csa
