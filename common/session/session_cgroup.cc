#include "common/session/session_cgroup.h"

#include <climits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"

namespace csa {
namespace {

constexpr absl::string_view kBase = "/csa";
// Beside those of the sessions: where the supervisors of nested ones are.
constexpr absl::string_view kSupervisors = "supervisors";

// The cgroup that `path` is in, by its name.
absl::string_view ParentOf(absl::string_view path) {
  return path.substr(0, path.rfind('/'));
}

// Whether `own` is the cgroup of a session in `base`, or below one.
bool IsInOne(absl::string_view own, absl::string_view base) {
  return absl::ConsumePrefix(&own, base) &&
         own != absl::StrCat("/", kSupervisors);
}

// Makes a cgroup, or opens the one that is there.
absl::StatusOr<Cgroup> MakeOrOpen(const std::string& path) {
  absl::StatusOr<Cgroup> made = Cgroup::Make(path);
  return absl::IsAlreadyExists(made.status()) ? Cgroup::Open(path)
                                              : std::move(made);
}

// The path in the record. It is the command's to forge: no other than its own
// session's is believed.
absl::StatusOr<std::string> ReadRecord(const SessionDirectory& session) {
  CSA_ASSIGN_OR_RETURN(std::string path,
                       ReadFileAt(session.fd(), kCgroupFile, PATH_MAX));
  const bool ends = absl::EndsWith(path, "\n");
  if (ends) path.pop_back();
  if (ends && absl::StartsWith(path, "/") &&
      absl::EndsWith(path, absl::StrCat(kBase, "/", session.id().text()))) {
    return path;
  }
  return absl::DataLossError(absl::StrCat(session.PathOf(kCgroupFile),
                                          " names no cgroup of this session"));
}

}  // namespace

std::string CgroupsBeside(absl::string_view own) {
  // The outermost: a command may make cgroups below its session's.
  for (size_t at = own.find(kBase); at != own.npos;
       at = own.find(kBase, at + 1)) {
    const size_t end = at + kBase.size();
    absl::string_view name = own.substr(end);
    if (!absl::ConsumePrefix(&name, "/")) continue;
    name = name.substr(0, name.find('/'));
    if (name == kSupervisors || SessionId::Parse(name).ok()) {
      return std::string(own.substr(0, end));
    }
  }
  return absl::StrCat(own, kBase);
}

absl::StatusOr<Cgroup> MakeSessionCgroup(const SessionDirectory& session,
                                         std::optional<int64_t> memory_limit) {
  CSA_ASSIGN_OR_RETURN(const std::string own, OwnCgroup());
  const std::string base_path = CgroupsBeside(own);
  absl::StatusOr<Cgroup> base = Cgroup::Make(base_path);
  const bool made_base = base.ok();
  if (absl::IsAlreadyExists(base.status())) base = Cgroup::Open(base_path);
  if (!base.ok()) return base.status();
  // Where memory is not the user's to divide, it is not counted either. Whoever
  // made the cgroup may not have come so far, and the one around it is changed
  // only for those who ask for it.
  if (memory_limit.has_value()) {
    const absl::StatusOr<Cgroup> around =
        Cgroup::Open(std::string(ParentOf(base_path)));
    if (around.ok()) static_cast<void>(around->EnableMemoryBelow());
  }
  if (made_base || memory_limit.has_value()) {
    static_cast<void>(base->EnableMemoryBelow());
  }
  if (IsInOne(own, base_path)) {
    CSA_ASSIGN_OR_RETURN(
        const Cgroup supervisors,
        MakeOrOpen(absl::StrCat(base_path, "/", kSupervisors)));
    CSA_RETURN_IF_ERROR(supervisors.Enter());
  }
  // Its name before itself, so that nobody makes one that is not found again.
  const std::string path = absl::StrCat(base_path, "/", session.id().text());
  CSA_RETURN_IF_ERROR(
      CreateFileAt(session.fd(), kCgroupFile, absl::StrCat(path, "\n")));
  absl::StatusOr<Cgroup> cgroup = Cgroup::Make(path);
  if (cgroup.ok() && memory_limit.has_value()) {
    const absl::Status limited = cgroup->LimitMemory(*memory_limit);
    if (!limited.ok()) cgroup = limited;
  }
  if (!cgroup.ok()) CSA_RETURN_IF_ERROR(ForgetSessionCgroup(session));
  return cgroup;
}

absl::StatusOr<CgroupPlace> FindCgroupPlace() {
  CSA_ASSIGN_OR_RETURN(const std::string own, OwnCgroup());
  std::string base = CgroupsBeside(own);
  // One is made where there is none, and who is born in it, or moves to it,
  // goes through the one that both have above them.
  const std::string shared(absl::StartsWith(own, base) ? base : own);
  CSA_RETURN_IF_ERROR(CheckWritable(ExistsAt(AT_FDCWD, base) ? base : shared));
  CSA_RETURN_IF_ERROR(CheckWritable(absl::StrCat(shared, "/cgroup.procs")));
  const std::string around(ParentOf(base));
  const absl::StatusOr<Cgroup> cgroup = Cgroup::Open(around);
  const absl::Status memory =
      cgroup.ok() ? cgroup->CheckMemoryBelow() : cgroup.status();
  return CgroupPlace{.path = std::move(base),
                     .memory = memory.ok() ? memory : Named(around, memory)};
}

absl::StatusOr<Cgroup> OpenSessionCgroup(const SessionDirectory& session) {
  CSA_ASSIGN_OR_RETURN(const std::string path, ReadRecord(session));
  return Cgroup::Open(path);
}

void RemoveSessionCgroup(const SessionDirectory& session) {
  const absl::StatusOr<std::string> path = ReadRecord(session);
  if (!path.ok() || !Cgroup::Open(*path).ok()) return;
  // Somebody may have put a process of another's into it: it stays.
  static_cast<void>(RemoveCgroup(*path));
}

absl::Status ForgetSessionCgroup(const SessionDirectory& session) {
  RemoveSessionCgroup(session);
  return RemoveTree(session.fd(), kCgroupFile);
}

}  // namespace csa
