// Knowing that every process of a kind is dead, without knowing any of them.

#ifndef CSA_COMMON_TESTING_LIFELINE_H_
#define CSA_COMMON_TESTING_LIFELINE_H_

#include <string>

#include "common/os/pid_fd.h"
#include "common/os/unique_fd.h"

namespace csa {

// A FIFO whose reading end the test holds. A process that is to be watched
// opens it for writing, writes a byte to say that it is ready, and keeps it
// open, as do all that it forks: the kernel hangs the reader up when the last
// one is dead, whatever became of pids, groups and environments meanwhile.
class Lifeline {
 public:
  // Makes the FIFO `path`, and `path`.go.
  explicit Lifeline(std::string path);

  const std::string& path() const { return path_; }

  // Blocks until `count` bytes have come; fails the test when they do not.
  void AwaitReady(int count);

  // The same, but gives up when `process` dies. Returns whether they have come.
  bool AwaitReadyUnlessDead(int count, const PidFd& process);

  // Lets a process end that waits for a byte from the second FIFO. Blocks until
  // there is one.
  void Release();

  // Whether every process that ever opened it is dead. Does not block. There
  // must have been one.
  bool AllDead();

  // Blocks until they are. Fails the test when they do not die.
  void AwaitAllDead();

 private:
  std::string path_;
  UniqueFd reader_;
};

}  // namespace csa

#endif  // CSA_COMMON_TESTING_LIFELINE_H_
