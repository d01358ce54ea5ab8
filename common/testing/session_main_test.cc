#include "common/testing/session_main.h"

#include <unistd.h>

#include <cstdlib>

#include "common/base/session_variables.h"
#include "common/os/proc.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(SessionMain, TheKernelShowsTheSession) {
  EXPECT_EQ(VariableOf(getpid(), kSessionIdVariable), kTestSession);
}

TEST(SessionMain, TheTestItselfIsInNone) {
  EXPECT_EQ(std::getenv(kSessionIdVariable), nullptr);
}

}  // namespace
}  // namespace csa
