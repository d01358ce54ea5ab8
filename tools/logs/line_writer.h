// Writing what comes in parts as whole lines.

#ifndef CSA_TOOLS_LOGS_LINE_WRITER_H_
#define CSA_TOOLS_LOGS_LINE_WRITER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace csa {

// Puts each line of a stream into a form, and writes it when it has come whole.
class LineWriter {
 public:
  // A line, without its newline, as it is to be written, with one.
  using Form = std::function<std::string(absl::string_view line)>;

  // A longer line is written in pieces of this size.
  static constexpr size_t kLongestLine = size_t{1} << 20;

  // `to` is the descriptor that is written to. It stays the caller's.
  LineWriter(int to, Form form) : to_(to), form_(std::move(form)) {}

  // Takes the next part of the stream. Errors as WriteAll.
  absl::Status Write(absl::string_view bytes);

  // Writes what came after the last newline, if anything did.
  absl::Status Finish();

 private:
  int to_;
  Form form_;
  std::string line_;  // as much of it as has come
  bool cut_ = false;  // it goes on a line whose first pieces are written
};

}  // namespace csa

#endif  // CSA_TOOLS_LOGS_LINE_WRITER_H_
