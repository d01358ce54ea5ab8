// A cgroup that a test is in alone.

#ifndef CSA_COMMON_TESTING_PRIVATE_CGROUP_H_
#define CSA_COMMON_TESTING_PRIVATE_CGROUP_H_

#include <string>

namespace csa {

// A cgroup of version 2 below the caller's, which the caller is in, with all
// that it starts, as long as the object lives. csa makes those of sessions
// below it.
class PrivateCgroup {
 public:
  // Fails the test when it cannot be made, and its end when anything is left in
  // it.
  PrivateCgroup();
  PrivateCgroup(const PrivateCgroup&) = delete;
  PrivateCgroup& operator=(const PrivateCgroup&) = delete;
  ~PrivateCgroup();

  // Its directory.
  const std::string& path() const { return path_; }

 private:
  const std::string around_;
  const std::string path_;
};

}  // namespace csa

#endif  // CSA_COMMON_TESTING_PRIVATE_CGROUP_H_
