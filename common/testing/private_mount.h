// File systems that only a test sees.

#ifndef CSA_COMMON_TESTING_PRIVATE_MOUNT_H_
#define CSA_COMMON_TESTING_PRIVATE_MOUNT_H_

#include <string>

namespace csa {

// A file system that is mounted in a mount namespace of the test's own, which
// the programs that it starts share. Needs no root where the kernel lets users
// make namespaces of their own.
class PrivateMount {
 public:
  // Mounts a file system of `type` ("tmpfs", "overlay", "cgroup2") on the
  // directory `path` with `options` as in mount(8) -o. Fails the test when it
  // cannot.
  PrivateMount(const std::string& type, std::string path,
               const std::string& options);
  PrivateMount(const PrivateMount&) = delete;
  PrivateMount& operator=(const PrivateMount&) = delete;
  ~PrivateMount();

  // Makes it read-only. Nothing in it may be open for writing.
  void MakeReadOnly();

 private:
  std::string path_;
};

}  // namespace csa

#endif  // CSA_COMMON_TESTING_PRIVATE_MOUNT_H_
