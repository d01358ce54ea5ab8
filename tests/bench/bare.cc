// bare: the processes of a start, and nothing else: a yardstick for csa run and
// csa-spawn.
//
// Usage: bare EXECUTIONS
//
// Executes itself EXECUTIONS times; then starts itself as a supervisor would
// be, which leaves the POSIX session, starts /bin/true and says over a pipe
// when that has been executed. Then it ends, and the supervisor with its child.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>

namespace {

constexpr int kReady = 9;

void Execute(const char* program, const char* argument) {
  const char* const argv[] = {program, argument, nullptr};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as execv(3) has it
  execv(program, const_cast<char**>(argv));
  _exit(1);
}

// Blocks until the other end has written or is closed. Whether it has written.
bool Await(int fd) {
  char byte = 0;
  return read(fd, &byte, 1) == 1;
}

int Supervise() {
  setsid();
  int executed[2];
  if (pipe2(executed, O_CLOEXEC) != 0) return 1;
  const pid_t child = fork();
  if (child == 0) {
    close(kReady);
    Execute("/bin/true", "");
  }
  close(executed[1]);
  // It closes when that is executed.
  if (Await(executed[0])) return 1;
  if (write(kReady, "x", 1) != 1) return 1;
  close(kReady);
  return waitpid(child, nullptr, 0) == child ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  const int executions = std::atoi(argv[1]);
  if (executions < 0) return Supervise();
  if (executions > 0) {
    std::array<char, 16> left = {};
    std::to_chars(left.data(), left.data() + left.size() - 1, executions - 1);
    Execute(argv[0], left.data());
  }
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return 1;
  posix_spawn_file_actions_t actions;
  char supervise[] = "-1";
  char* const line[] = {argv[0], supervise, nullptr};
  if (posix_spawn_file_actions_init(&actions) != 0 ||
      posix_spawn_file_actions_adddup2(&actions, ready[1], kReady) != 0 ||
      // As csa-spawn does, it suspends its caller until the execution.
      posix_spawn(nullptr, argv[0], &actions, nullptr, line, environ) != 0) {
    return 1;
  }
  close(ready[1]);
  return Await(ready[0]) ? 0 : 1;
}
