#include "common/os/fault_point.h"

#ifndef NDEBUG

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace csa {
namespace {

constexpr size_t kMaxWord = 32;
constexpr int kKill = -1;
constexpr int kShortWrite = -2;

struct Fault {
  char call[kMaxWord] = "";
  int occurrence = 0;
  int action = 0;  // an error number, or one of the above
};

// What the environment asks of this program.
struct Plan {
  std::array<Fault, 4> faults;
  size_t size = 0;
  const char* log = nullptr;
};

int ActionNamed(const char* word) {
  if (strcmp(word, "kill") == 0) return kKill;
  if (strcmp(word, "short") == 0) return kShortWrite;
  return atoi(word);
}

Plan ReadPlan() {
  Plan plan;
  plan.log = std::getenv("CSA_FAULT_LOG");
  const char* text = std::getenv("CSA_FAULT");
  while (text != nullptr && plan.size < plan.faults.size()) {
    Fault& fault = plan.faults[plan.size];
    char program[kMaxWord];
    char action[kMaxWord];
    if (sscanf(text, "%31s %31s %d %31[^;]", program, fault.call,
               &fault.occurrence, action) == 4 &&
        strcmp(program, program_invocation_short_name) == 0) {
      fault.action = ActionNamed(action);
      ++plan.size;
    }
    text = strchr(text, ';');
    if (text != nullptr) ++text;
  }
  return plan;
}

// How often this program has come to each call. A child that shares the memory
// of its parent (vfork) goes on with its parent's counts.
int Count(const char* call) {
  struct Counter {
    const char* call;
    int times;
  };
  static std::array<Counter, 64> counters = {};
  for (Counter& counter : counters) {
    if (counter.call == nullptr) counter.call = call;
    if (strcmp(counter.call, call) == 0) return ++counter.times;
  }
  abort();  // there are more points than that
}

void Log(const char* path, const char* call, int occurrence) {
  std::array<char, 3 * kMaxWord> line;
  const int size = snprintf(line.data(), line.size(), "%s %s %d\n",
                            program_invocation_short_name, call, occurrence);
  const int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  const auto written = write(fd, line.data(), static_cast<size_t>(size));
  if (written != size) abort();
  close(fd);
}

bool short_write = false;

}  // namespace

bool InjectFault(const char* call) {
  // Read by the first call, which no program makes between fork and exec.
  static const Plan plan = ReadPlan();
  if (plan.size == 0 && plan.log == nullptr) return false;
  const int error_before = errno;
  const int occurrence = Count(call);
  if (plan.log != nullptr) Log(plan.log, call, occurrence);
  errno = error_before;
  for (size_t i = 0; i < plan.size; ++i) {
    const Fault& fault = plan.faults[i];
    if (fault.occurrence != occurrence || strcmp(fault.call, call) != 0) {
      continue;
    }
    if (fault.action == kKill) kill(getpid(), SIGKILL);
    short_write = fault.action == kShortWrite;
    if (short_write) continue;
    errno = fault.action;
    return true;
  }
  return false;
}

size_t WriteSize(size_t size) {
  if (!short_write) return size;
  short_write = false;
  return std::min<size_t>(size, 1);
}

}  // namespace csa

#endif  // NDEBUG
