// hostile: a command that does all that keeps processes alive.
//
// Usage: hostile FIFO KIND,KIND… [EXIT_STATUS]
//
// Makes a process of each kind. Each opens FIFO for writing, keeps it open,
// writes a byte to it when it is ready, and lives until it is killed; so does
// this process itself, unless it has an exit status to end with: then it does
// so when a byte can be read from FIFO.go. Kinds: child, own-group, setsid,
// daemon (forked twice), ignore-term, stopped, bare (no environment, a POSIX
// session of its own), respawn (forks its successor and ends, every 10 ms),
// chain (the same without a pause), threaded (its first thread has ended),
// exec-loop (becomes a new program all the time).

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace {

// Keeps the lifeline open and says that this process is ready.
void TakeLifeline(const char* fifo) {
  const int fd = open(fifo, O_WRONLY);
  if (fd < 0 || write(fd, "x", 1) != 1) _exit(100);
}

[[noreturn]] void LiveForEver() {
  while (true) pause();
}

void* LiveInThread(void* fifo) {
  TakeLifeline(static_cast<const char*>(fifo));
  LiveForEver();
}

[[noreturn]] void Respawn(const char* fifo, int pause_ms) {
  setsid();
  TakeLifeline(fifo);
  while (true) {
    if (pause_ms > 0) poll(nullptr, 0, pause_ms);
    if (fork() > 0) _exit(0);
    setsid();
  }
}

// Becomes a program that does the same.
constexpr char kAgain[] = "exec-again";
[[noreturn]] void ExecuteAgain(const char* fifo) {
  execl("/proc/self/exe", "hostile", fifo, kAgain, nullptr);
  _exit(100);
}

// What a process of `kind` does for the rest of its life.
[[noreturn]] void Live(absl::string_view kind, const char* fifo) {
  if (kind == "respawn") Respawn(fifo, 10);
  if (kind == "chain") Respawn(fifo, 0);
  if (kind == "own-group") setpgid(0, 0);
  if (kind == "setsid" || kind == "daemon") setsid();
  if (kind == "daemon" && fork() > 0) _exit(0);
  if (kind == "ignore-term") signal(SIGTERM, SIG_IGN);
  if (kind == "bare") {
    setsid();
    char* const no_environment[] = {nullptr};
    execle("/proc/self/exe", "hostile", fifo, "", nullptr, no_environment);
  }
  if (kind == "threaded") {
    pthread_t thread;
    pthread_create(&thread, nullptr, LiveInThread, const_cast<char*>(fifo));
    pthread_exit(nullptr);
  }
  if (kind == "exec-loop") setsid();
  TakeLifeline(fifo);
  if (kind == "exec-loop") ExecuteAgain(fifo);
  if (kind == "stopped") raise(SIGSTOP);
  LiveForEver();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 100;
  // Installed set-user-id, it is its owner's altogether, as after sudo.
  if (setuid(geteuid()) != 0) return 100;
  const char* const fifo = argv[1];
  if (argv[2] == absl::string_view(kAgain)) ExecuteAgain(fifo);
  for (const absl::string_view kind :
       absl::StrSplit(argv[2], ',', absl::SkipEmpty())) {
    if (fork() == 0) Live(kind, fifo);
  }
  if (argc == 3) {
    TakeLifeline(fifo);
    LiveForEver();
  }
  char go = 0;
  const int gate = open((std::string(fifo) + ".go").c_str(), O_RDONLY);
  if (gate < 0 || read(gate, &go, 1) != 1) return 100;
  return std::atoi(argv[3]);
}
