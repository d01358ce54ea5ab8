// A directory that lasts as long as a test.

#ifndef CSA_COMMON_TESTING_SCRATCH_DIRECTORY_H_
#define CSA_COMMON_TESTING_SCRATCH_DIRECTORY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace csa {

// Makes an empty directory, mode 0700, and removes it with all that is in it.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory();

  // Absolute, and short enough for a socket's address.
  const std::string& path() const { return path_; }
  std::string PathOf(absl::string_view name) const;

 private:
  std::string path_;
};

// The whole content of a file; fails the test when it cannot be read.
std::string ReadFile(const std::string& path);

// Makes or replaces a file; fails the test when it cannot.
void WriteFile(const std::string& path, absl::string_view bytes);

}  // namespace csa

#endif  // CSA_COMMON_TESTING_SCRATCH_DIRECTORY_H_
