#include "common/testing/terminal.h"

#include <unistd.h>

#include "common/testing/program.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(Terminal, TakesKeysAndShowsWhatIsWritten) {
  const Terminal terminal;
  terminal.Type("typed\n\x04");
  EXPECT_EQ(RunProgram({"cat"}, terminal.As(STDIN_FILENO)).output, "typed\n");
  EXPECT_EQ(
      RunProgram({"echo", "written"}, terminal.As(STDOUT_FILENO)).exit_status,
      0);
  terminal.AwaitShown("written\r\n");
}

TEST(Terminal, CanHangUp) {
  Terminal terminal;
  Program reader({"sh", "-c", "echo reads >&2; read line || echo gone"},
                 terminal.As(STDIN_FILENO));
  reader.AwaitError("reads");
  terminal.HangUp();
  EXPECT_EQ(reader.Await().output, "gone\n");
}

}  // namespace
}  // namespace csa
