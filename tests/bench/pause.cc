#include "tests/bench/pause.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <ctime>

#include "tests/bench/die.h"

namespace csa::bench {

void Pause(std::chrono::nanoseconds length) {
  const int timer = Must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timer");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  itimerspec when = {};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = (length - seconds).count();
  Must(timerfd_settime(timer, 0, &when, nullptr), "set a timer");
  pollfd descriptor = {.fd = timer, .events = POLLIN, .revents = 0};
  Must(poll(&descriptor, 1, -1), "wait for a timer");
  close(timer);
}

}  // namespace csa::bench
