#include "common/testing/private_cgroup.h"

#include <filesystem>
#include <string>

#include "common/os/cgroup.h"
#include "common/testing/private_mount.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(PrivateCgroup, HoldsTheTestAsLongAsItLives) {
  const PrivateMount mount("cgroup2", "/sys/fs/cgroup", "");
  const std::string around = OwnCgroup().value();
  std::string path;
  {
    const PrivateCgroup own;
    path = own.path();
    EXPECT_EQ(OwnCgroup().value(), path);
    EXPECT_EQ(std::filesystem::path(path).parent_path(), around);
    // As csa makes them.
    EXPECT_TRUE(Cgroup::Make(path + "/csa").ok());
  }
  EXPECT_EQ(OwnCgroup().value(), around);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace csa
