#include "common/testing/private_cgroup.h"

#include "absl/strings/str_cat.h"
#include "common/os/cgroup.h"
#include "common/os/random.h"
#include "gtest/gtest.h"

namespace csa {

PrivateCgroup::PrivateCgroup()
    : around_(OwnCgroup().value_or("/nowhere")),
      path_(absl::StrCat(around_, "/test-", absl::Hex(Random64()))) {
  const absl::StatusOr<Cgroup> cgroup = Cgroup::Make(path_);
  EXPECT_TRUE(cgroup.ok() && cgroup->Enter().ok()) << cgroup.status();
}

PrivateCgroup::~PrivateCgroup() {
  const absl::StatusOr<Cgroup> around = Cgroup::Open(around_);
  EXPECT_TRUE(around.ok() && around->Enter().ok());
  EXPECT_TRUE(RemoveCgroup(path_).ok());
}

}  // namespace csa
