// Knowing whether all processes of //common/testing:hostile are dead.

#ifndef CSA_TESTS_BENCH_LIFELINE_H_
#define CSA_TESTS_BENCH_LIFELINE_H_

#include <string>

namespace csa::bench {

// A FIFO that each of the processes holds open for writing.
class Lifeline {
 public:
  // Makes the FIFO at `path`, where there is nothing.
  explicit Lifeline(std::string path);
  Lifeline(Lifeline&& other) noexcept;
  Lifeline& operator=(Lifeline&&) = delete;
  ~Lifeline();

  const std::string& path() const { return path_; }

  // Blocks until `count` processes hold it.
  void AwaitReady(int count) const;

  // Whether none of them is left.
  bool AllDead() const;

 private:
  std::string path_;
  int reader_;
};

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_LIFELINE_H_
