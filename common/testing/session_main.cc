#include "common/testing/session_main.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "common/base/session_variables.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

int main(int argc, char** argv) {
  const char* const session = std::getenv(csa::kSessionIdVariable);
  // Not from whoever starts the test: its other children would carry it, too.
  if (session == nullptr || std::strcmp(session, csa::kTestSession) != 0) {
    setenv(csa::kSessionIdVariable, csa::kTestSession, 1);
    execv("/proc/self/exe", argv);
    return 1;
  }
  unsetenv(csa::kSessionIdVariable);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
