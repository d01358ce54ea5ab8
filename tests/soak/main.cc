// Runs the tests, and leaves no process behind.

#include "gtest/gtest.h"
#include "tests/soak/guardian.h"

int main(int argc, char** argv) {
  return csa::GuardedRun([&] {
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
  });
}
