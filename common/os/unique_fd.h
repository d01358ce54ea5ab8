// A file descriptor with one owner.

#ifndef CSA_COMMON_OS_UNIQUE_FD_H_
#define CSA_COMMON_OS_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace csa {

// Owns a descriptor and closes it when it goes. An empty one holds -1.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Gives the descriptor up to the caller, who must close it.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }

  // Closes what is held and takes ownership of `fd`. close(2) is not retried on
  // EINTR: on Linux the descriptor is gone by then.
  void Reset(int fd = -1) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace csa

#endif  // CSA_COMMON_OS_UNIQUE_FD_H_
