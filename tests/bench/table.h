// The table of figures: Markdown, with what is required beside what was found.

#ifndef CSA_TESTS_BENCH_TABLE_H_
#define CSA_TESTS_BENCH_TABLE_H_

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace csa::bench {

// The middle of some durations, and what a tenth of them is below or above.
struct Spread {
  std::chrono::nanoseconds median;
  std::chrono::nanoseconds p10;
  std::chrono::nanoseconds p90;
};
Spread SpreadOf(std::vector<std::chrono::nanoseconds> durations);

// At most so much. Nothing where a figure is only shown.
struct Limit {
  std::optional<double> required;
  std::optional<double> aim;
};

class Table {
 public:
  // What the ratios of the rows that follow are relative to.
  void SetReference(std::chrono::nanoseconds reference);

  // A duration, whose limit is one of its ratio to the reference.
  void AddRatio(const std::string& what, const Spread& spread, Limit limit);
  // A duration, whose limit is in milliseconds.
  void AddTime(const std::string& what, const Spread& spread, Limit limit);
  // Something else, in `unit`, with `digits` after the point.
  void AddFigure(const std::string& what, double value, const std::string& unit,
                 int digits, Limit limit);

  void Print(std::ostream& out) const;

  // The rows that are above what is required.
  int missed() const { return missed_; }

 private:
  // The three columns of a limit: required, aim, verdict.
  std::string Judge(double value, const std::string& unit, Limit limit);
  std::string Columns(const Spread& spread) const;

  std::chrono::nanoseconds reference_{};
  std::vector<std::string> rows_;
  int missed_ = 0;
};

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_TABLE_H_
