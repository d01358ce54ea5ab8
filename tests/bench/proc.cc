#include "tests/bench/proc.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
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
  // A stream throws when the process ends meanwhile.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::string content;
  std::array<char, 4096> bytes;
  ssize_t got = 0;
  while (fd >= 0 && (got = read(fd, bytes.data(), bytes.size())) > 0) {
    content.append(bytes.data(), static_cast<size_t>(got));
  }
  if (fd >= 0) close(fd);
  return content;
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

std::vector<pid_t> DescendantsOf(pid_t pid) {
  std::vector<pid_t> found = {pid};
  for (size_t next = 0; next < found.size(); ++next) {
    const std::string task = std::to_string(found[next]);
    std::istringstream children(
        ReadFile(PathOf(found[next], "task/" + task + "/children")));
    for (pid_t child; children >> child;) found.push_back(child);
  }
  found.erase(found.begin());
  return found;
}

void AwaitBlocked(pid_t pid) {
  std::string before;
  for (int look = 0; look < 500; ++look) {
    const std::string schedule = ReadFile(PathOf(pid, "schedstat"));
    if (schedule == before) return;
    before = schedule;
    Pause(std::chrono::milliseconds(20));
  }
  Die("process " + std::to_string(pid) + " does not wait");
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
