// Running programs from a test.

#ifndef CSA_COMMON_TESTING_PROGRAM_H_
#define CSA_COMMON_TESTING_PROGRAM_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/os/unique_fd.h"

namespace csa {

// How a program ended, and what it wrote.
struct Ended {
  int exit_status = -1;  // -1 when it died of a signal
  int signal = 0;
  std::string output;  // stdout
  std::string error;   // stderr
};

// What a program is given.
struct ProgramOptions {
  std::string input;  // its standard input
  // Changes to the environment; an empty value removes the variable.
  std::map<std::string, std::string> environment;
  // Called in the child before the program is executed.
  std::function<void()> prepare = [] {};
};

// A program that is running, with its output on pipes.
class Program {
 public:
  // Starts argv[0], as execvp does, and blocks until it is executed: what is
  // prepared holds when the caller sends a signal. Fails the test when that
  // cannot be done; a program that cannot be executed exits with 127.
  Program(const std::vector<std::string>& argv, const ProgramOptions& options);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Kills it if it has not been waited for.
  ~Program();

  pid_t pid() const { return pid_; }

  // Sends it a signal.
  void Signal(int signal) const;

  // Blocks until a piece of text has come on its stderr, or on its stdout.
  // Fails the test when the stream ends before, or it takes too long.
  void AwaitOutput(absl::string_view text);
  void AwaitError(absl::string_view text);

  // The first line of its stdout, without the newline, as soon as it has come.
  std::string AwaitFirstLine();

  // Reads its output to the end and reaps it. Fails the test when it takes too
  // long.
  Ended Await();

 private:
  pid_t pid_ = 0;
  UniqueFd output_;
  UniqueFd error_;
  Ended ended_;
};

// Starts a program and waits for its end.
Ended RunProgram(const std::vector<std::string>& argv,
                 const ProgramOptions& options = {});

}  // namespace csa

#endif  // CSA_COMMON_TESTING_PROGRAM_H_
