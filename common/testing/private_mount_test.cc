#include "common/testing/private_mount.h"

#include <filesystem>
#include <optional>
#include <string>

#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

TEST(PrivateMountTest, HidesWhatIsBelow) {
  const ScratchDirectory scratch;
  const std::string place = scratch.PathOf("place");
  fs::create_directory(place);
  WriteFile(place + "/below", "");
  std::optional<PrivateMount> mounted(std::in_place, "tmpfs", place,
                                      "size=1m,mode=0700");
  WriteFile(place + "/above", "");
  EXPECT_FALSE(fs::exists(place + "/below"));
  mounted.reset();
  EXPECT_TRUE(fs::exists(place + "/below"));
  EXPECT_FALSE(fs::exists(place + "/above"));
}

TEST(PrivateMountTest, IsReadOnlyOnRequest) {
  const ScratchDirectory scratch;
  const std::string place = scratch.PathOf("place");
  fs::create_directory(place);
  PrivateMount mounted("tmpfs", place, "size=1m,mode=0700");
  WriteFile(place + "/file", "kept");
  mounted.MakeReadOnly();
  EXPECT_EQ(ReadFile(place + "/file"), "kept");
  std::error_code refused;
  fs::create_directory(place + "/directory", refused);
  EXPECT_EQ(refused, std::errc::read_only_file_system);
}

}  // namespace
}  // namespace csa
