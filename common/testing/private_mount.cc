#include "common/testing/private_mount.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// Lets the user be who they are in a user namespace, where they may mount:
// user_namespaces(7).
bool EnterUserNamespace() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) != 0) return false;
  WriteFile("/proc/self/setgroups", "deny");
  WriteFile("/proc/self/uid_map", absl::StrCat(user, " ", user, " 1"));
  WriteFile("/proc/self/gid_map", absl::StrCat(group, " ", group, " 1"));
  return true;
}

// Moves the test into a mount namespace of its own, once. To mount cgroups it
// must own their namespace too.
void EnterMountNamespace() {
  static const bool entered =
      (unshare(CLONE_NEWNS | CLONE_NEWCGROUP) == 0 || EnterUserNamespace()) &&
      mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  EXPECT_TRUE(entered) << "no mount namespace: " << strerror(errno);
}

}  // namespace

PrivateMount::PrivateMount(const std::string& type, std::string path,
                           const std::string& options)
    : path_(std::move(path)) {
  EnterMountNamespace();
  EXPECT_EQ(mount("none", path_.c_str(), type.c_str(), 0, options.c_str()), 0)
      << type << " on " << path_ << ": " << strerror(errno);
}

PrivateMount::~PrivateMount() { umount2(path_.c_str(), MNT_DETACH); }

void PrivateMount::MakeReadOnly() {
  EXPECT_EQ(mount("none", path_.c_str(), nullptr,
                  MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr),
            0)
      << path_ << ": " << strerror(errno);
}

}  // namespace csa
