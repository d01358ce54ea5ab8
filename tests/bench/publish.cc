#include "tests/bench/publish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "tests/bench/command.h"
#include "tests/bench/die.h"

namespace csa::bench {

std::chrono::nanoseconds TimePublishing(const std::string& directory,
                                        bool sync) {
  const std::string path = directory + "/publish";
  Must(mkdir(path.c_str(), 0700), "make " + path);
  const int parent = Must(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open " + path);
  const int file = Must(
      openat(parent, ".result", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
      "make a file");
  Must(fallocate(file, 0, 0, 4096), "reserve space");
  const std::string bytes(300, 'x');

  const std::chrono::nanoseconds start = Now();
  Must(static_cast<int>(write(file, bytes.data(), bytes.size())), "write");
  Must(ftruncate(file, static_cast<off_t>(bytes.size())), "truncate");
  if (sync) Must(fdatasync(file), "fdatasync");
  Must(renameat2(parent, ".result", parent, "result", RENAME_NOREPLACE),
       "rename");
  if (sync) Must(fsync(parent), "fsync");
  const std::chrono::nanoseconds elapsed = Now() - start;

  close(file);
  Must(unlinkat(parent, "result", 0), "remove a file");
  close(parent);
  Must(rmdir(path.c_str()), "remove " + path);
  return elapsed;
}

}  // namespace csa::bench
