// A terminal for a test: a pty(7) whose user the test is.

#ifndef CSA_COMMON_TESTING_TERMINAL_H_
#define CSA_COMMON_TESTING_TERMINAL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/os/unique_fd.h"
#include "common/testing/program.h"

namespace csa {

class Terminal {
 public:
  Terminal();

  // Options for a program that has it as its descriptor `stream`. It is not the
  // controlling terminal: no signal comes from it.
  ProgramOptions As(int stream) const;

  void Type(absl::string_view keys) const;

  // Blocks until `text` has been shown.
  void AwaitShown(absl::string_view text) const;

  // Goes away, as the window does in which it is: tty_ioctl(4), TIOCVHANGUP.
  void HangUp() { user_.Reset(); }

 private:
  UniqueFd user_;
  std::string name_;
};

}  // namespace csa

#endif  // CSA_COMMON_TESTING_TERMINAL_H_
