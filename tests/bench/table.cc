#include "tests/bench/table.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace csa::bench {
namespace {

std::string Fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

double Milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string LimitText(std::optional<double> limit, const std::string& unit) {
  if (!limit.has_value()) return "–";
  std::ostringstream text;
  text << "≤ " << *limit << unit;
  return text.str();
}

}  // namespace

Spread SpreadOf(std::vector<std::chrono::nanoseconds> durations) {
  std::sort(durations.begin(), durations.end());
  const auto at = [&](size_t tenths) {
    return durations[(durations.size() - 1) * tenths / 10];
  };
  return {.median = at(5), .p10 = at(1), .p90 = at(9)};
}

void Table::SetReference(std::chrono::nanoseconds reference) {
  reference_ = reference;
}

void Table::AddRatio(const std::string& what, const Spread& spread,
                     Limit limit) {
  const double ratio = Milliseconds(spread.median) / Milliseconds(reference_);
  rows_.push_back("| " + what + " | " + Columns(spread) +
                  Judge(ratio, " ×", limit));
}

void Table::AddTime(const std::string& what, const Spread& spread,
                    Limit limit) {
  rows_.push_back("| " + what + " | " + Columns(spread) +
                  Judge(Milliseconds(spread.median), " ms", limit));
}

void Table::AddFigure(const std::string& what, double value,
                      const std::string& unit, int digits, Limit limit) {
  rows_.push_back("| " + what + " | " + Fixed(value, digits) + unit +
                  " | | | | " + Judge(value, unit, limit));
}

std::string Table::Columns(const Spread& spread) const {
  std::string columns;
  for (const auto value : {spread.median, spread.p10, spread.p90}) {
    columns += Fixed(Milliseconds(value), 3) + " | ";
  }
  return columns +
         Fixed(Milliseconds(spread.median) / Milliseconds(reference_), 2) +
         " | ";
}

std::string Table::Judge(double value, const std::string& unit, Limit limit) {
  std::string verdict = "–";
  if (limit.required.has_value()) {
    const bool passed = value <= *limit.required;
    if (!passed) ++missed_;
    verdict = passed ? "pass" : "**FAIL**";
  }
  if (limit.aim.has_value()) {
    verdict += value <= *limit.aim ? ", aim reached" : ", aim missed";
  }
  return LimitText(limit.required, unit) + " | " + LimitText(limit.aim, unit) +
         " | " + verdict + " |";
}

void Table::Print(std::ostream& out) const {
  out << "| what | median, ms | p10 | p90 | × the reference | required | aim | "
         "|\n"
      << "|---|---:|---:|---:|---:|---:|---:|---|\n";
  for (const std::string& row : rows_) out << row << "\n";
}

}  // namespace csa::bench
