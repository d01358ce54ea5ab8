#include "tests/bench/command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <ctime>
#include <sstream>
#include <utility>

#include "tests/bench/die.h"
#include "tests/bench/proc.h"

namespace csa::bench {
namespace {

constexpr time_t kLongestWaitSeconds = 30;

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

int MemoryFile() {
  return Must(memfd_create("bench", MFD_CLOEXEC), "memfd_create");
}

std::string ContentOf(int fd) {
  std::string content(64 * 1024, '\0');
  const ssize_t size = pread(fd, content.data(), content.size(), 0);
  content.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return content;
}

sigset_t ChildSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  return set;
}

}  // namespace

std::chrono::nanoseconds Now() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) +
         std::chrono::nanoseconds(now.tv_nsec);
}

Command::Command(std::vector<std::string> argv,
                 std::vector<std::string> environment)
    : argv_(std::move(argv)), output_(MemoryFile()), errors_(MemoryFile()) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output_, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors_, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  const std::vector<char*> arguments = Pointers(argv_);
  const std::vector<char*> variables = Pointers(environment);
  started_ = Now();
  const int error = posix_spawn(&pid_, argv_[0].c_str(), &actions, &attributes,
                                arguments.data(), variables.data());
  if (error != 0) Die("start " + argv_[0] + ": " + std::strerror(error));
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
}

Command::Command(Command&& other) noexcept
    : argv_(std::move(other.argv_)),
      output_(std::exchange(other.output_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      pid_(other.pid_),
      started_(other.started_),
      ended_(other.ended_) {}

Command::~Command() {
  if (output_ >= 0) close(output_);
  if (errors_ >= 0) close(errors_);
}

int Command::Await() {
  int wait_status = 0;
  const pid_t reaped = waitpid(pid_, &wait_status, 0);
  ended_ = Now();
  Must(reaped, "wait for " + argv_[0]);
  return wait_status;
}

void Command::Reap(int exit_status) {
  const int wait_status = Await();
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == exit_status) return;
  std::string line;
  for (const std::string& argument : argv_) line += argument + " ";
  Die(line + "ended with wait status " + std::to_string(wait_status) + ": " +
      ContentOf(errors_));
}

std::string Command::Output() const { return ContentOf(output_); }

std::string Command::Errors() const { return ContentOf(errors_); }

std::chrono::nanoseconds TimeToEnd(Command command) {
  command.Reap();
  return command.ended() - command.started();
}

void AdoptOrphans() {
  Must(prctl(PR_SET_CHILD_SUBREAPER, 1), "PR_SET_CHILD_SUBREAPER");
  const sigset_t child_signal = ChildSignal();
  sigprocmask(SIG_BLOCK, &child_signal, nullptr);
}

void EndAllChildren() {
  const std::string self = std::to_string(getpid());
  do {
    // A child keeps its id until it is reaped here.
    std::istringstream children(
        ReadFile("/proc/self/task/" + self + "/children"));
    for (pid_t child; children >> child;) kill(child, SIGKILL);
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
  } while (waitpid(-1, nullptr, 0) > 0);
}

void AwaitNoChildren() {
  const sigset_t child_signal = ChildSignal();
  const timespec limit = {.tv_sec = kLongestWaitSeconds, .tv_nsec = 0};
  while (true) {
    const pid_t reaped = waitpid(-1, nullptr, WNOHANG);
    if (reaped < 0) return;  // ECHILD
    if (reaped > 0) continue;
    if (sigtimedwait(&child_signal, nullptr, &limit) < 0 && errno == EAGAIN) {
      Die("processes are left over");
    }
  }
}

}  // namespace csa::bench
