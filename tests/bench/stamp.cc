// stamp FIFO FILE: a command whose end is known to the microsecond.
//
// Waits for a byte on FIFO, writes CLOCK_MONOTONIC into FILE, in nanoseconds,
// as its last act, and exits with status 7.

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int fifo = open(argv[1], O_RDONLY | O_CLOEXEC);
  const int file =
      open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  char byte = 0;
  if (fifo < 0 || file < 0 || read(fifo, &byte, 1) != 1) return 2;
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t stamp = now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
  if (write(file, &stamp, sizeof stamp) != sizeof stamp) return 2;
  _exit(7);
}
