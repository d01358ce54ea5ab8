// Starting programs and timing them, from just before the spawn to the return
// of waitpid(2).

#ifndef CSA_TESTS_BENCH_COMMAND_H_
#define CSA_TESTS_BENCH_COMMAND_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace csa::bench {

// CLOCK_MONOTONIC.
std::chrono::nanoseconds Now();

// A program that has been started and not reaped.
class Command {
 public:
  // Executes argv[0], a path, with `environment` ("NAME=value" each): stdin is
  // /dev/null, stdout and stderr are files in memory.
  Command(std::vector<std::string> argv, std::vector<std::string> environment);
  Command(Command&& other) noexcept;
  Command& operator=(Command&&) = delete;
  ~Command();

  pid_t pid() const { return pid_; }
  // When it was started, and when it was reaped.
  std::chrono::nanoseconds started() const { return started_; }
  std::chrono::nanoseconds ended() const { return ended_; }

  // Blocks until it has ended, and reaps it. Returns its wait status.
  int Await();
  // The same; dies, with what the program has said, unless it exits with
  // `exit_status`.
  void Reap(int exit_status = 0);

  // What it has written to its standard output and error so far.
  std::string Output() const;
  std::string Errors() const;

 private:
  std::vector<std::string> argv_;
  int output_;
  int errors_;
  pid_t pid_ = 0;
  std::chrono::nanoseconds started_{};
  std::chrono::nanoseconds ended_{};
};

// Reaps `command`, which must exit with 0; returns how long it has run.
std::chrono::nanoseconds TimeToEnd(Command command);

// Makes the caller the parent of all orphans among its descendants, so that
// AwaitNoChildren sees them. To be called once, before the first Command.
void AdoptOrphans();

// Reaps every child and orphan that there is, and blocks until there are none
// left. Dies when that takes more than half a minute: something was left over.
void AwaitNoChildren();

// Sends SIGKILL to every child and orphan that there is and reaps it, until
// there are none left.
void EndAllChildren();

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_COMMAND_H_
