#include "common/testing/program.h"

#include <csignal>

#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(ProgramTest, IsPreparedBeforeItCanBeSignalled) {
  ProgramOptions options;
  options.prepare = [] { signal(SIGHUP, SIG_IGN); };
  for (int i = 0; i < 100; ++i) {
    Program program({"true"}, options);
    program.Signal(SIGHUP);
    ASSERT_EQ(program.Await().exit_status, 0);
  }
}

TEST(ProgramTest, ThatCannotBeExecutedIsOneThatFails) {
  EXPECT_EQ(RunProgram({"/does/not/exist"}).exit_status, 127);
}

}  // namespace
}  // namespace csa
