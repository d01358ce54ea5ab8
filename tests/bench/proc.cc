#include "tests/bench/proc.h"

#include <sys/syscall.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/bench/die.h"
#include "tests/bench/pause.h"

namespace csa::bench {
namespace {

std::string PathOf(pid_t pid, const std::string& file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

// The number after "<key>:" in a file of such lines.
int64_t NumberIn(const std::string& text, const std::string& key) {
  const size_t found = text.find("\n" + key + ":");
  if (found == std::string::npos) Die("no " + key + " in /proc");
  return std::stoll(text.substr(found + key.size() + 2));
}

bool IsPolling(pid_t pid) {
  // "running", or the number of the system call and its arguments.
  std::istringstream call(ReadFile(PathOf(pid, "syscall")));
  long number = -1;
  call >> number;
  return number == SYS_ppoll;
}

}  // namespace

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

pid_t OnlyChildOf(pid_t pid) {
  const std::string path =
      PathOf(pid, "task/" + std::to_string(pid) + "/children");
  std::istringstream children(ReadFile(path));
  pid_t child = 0;
  pid_t second = 0;
  if (!(children >> child)) Die("process " + std::to_string(pid) + " is alone");
  if (children >> second) {
    Die("process " + std::to_string(pid) + " has several");
  }
  return child;
}

void AwaitPolling(pid_t pid, const std::string& comm) {
  for (int look = 0; look < 50'000; ++look) {
    if (ReadFile(PathOf(pid, "comm")) == comm + "\n" && IsPolling(pid)) return;
    Pause(std::chrono::microseconds(200));
  }
  Die("process " + std::to_string(pid) + " is no " + comm + " that waits");
}

Activity ActivityOf(pid_t pid) {
  const std::string status = ReadFile(PathOf(pid, "status"));
  std::istringstream schedule(ReadFile(PathOf(pid, "schedstat")));
  Activity activity = {.wake_ups = NumberIn(status, "voluntary_ctxt_switches")};
  if (!(schedule >> activity.cpu_ns)) Die("no schedstat in /proc");
  return activity;
}

Memory MemoryOf(pid_t pid) {
  const std::string rollup = ReadFile(PathOf(pid, "smaps_rollup"));
  return {.private_kib = NumberIn(rollup, "Private_Clean") +
                         NumberIn(rollup, "Private_Dirty"),
          .proportional_kib = NumberIn(rollup, "Pss")};
}

}  // namespace csa::bench
