#include "common/testing/scratch_directory.h"

#include <fcntl.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "gtest/gtest.h"

namespace csa {

ScratchDirectory::ScratchDirectory() {
  const char* const base = std::getenv("TEST_TMPDIR");
  path_ = absl::StrCat(base == nullptr ? "/tmp" : base, "/XXXXXX");
  if (mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "mkdtemp " << path_;
}

ScratchDirectory::~ScratchDirectory() {
  const absl::Status removed = RemoveTree(AT_FDCWD, path_);
  EXPECT_TRUE(removed.ok()) << removed;
}

std::string ScratchDirectory::PathOf(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

std::string ReadFile(const std::string& path) {
  constexpr size_t kLimit = size_t{1} << 30;
  absl::StatusOr<std::string> bytes = ReadFileAt(AT_FDCWD, path, kLimit);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

void WriteFile(const std::string& path, absl::string_view bytes) {
  const absl::StatusOr<UniqueFd> fd =
      OpenAt(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ASSERT_TRUE(fd.ok()) << fd.status();
  const absl::Status written = WriteAll(fd->get(), bytes);
  ASSERT_TRUE(written.ok()) << written;
}

}  // namespace csa
