// Fenced code in Markdown: CommonMark 0.30, section 4.5, but for that within
// lists and quotes.

#ifndef CSA_COMMON_BASE_FENCED_CODE_H_
#define CSA_COMMON_BASE_FENCED_CODE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace csa {

// Tells the lines of a text that are fenced code from those that are not.
class FencedCode {
 public:
  enum class Line {
    kText,     // outside
    kOpening,  // the fence that opens a block
    kCode,     // within
    kClosing,  // the fence that closes it
  };

  // What `line`, the next one of the text without its newline, is.
  Line Next(absl::string_view line);

  // Whether the block that was opened last is still open.
  bool is_open() const { return length_ != 0; }

  // The first word behind the fence that opened it.
  const std::string& language() const { return language_; }

 private:
  char kind_ = '\0';   // of the fence that opened it
  size_t length_ = 0;  // 0: none is open
  std::string language_;
};

// A fence of backticks that no line of `text` closes.
std::string FenceFor(absl::string_view text);

}  // namespace csa

#endif  // CSA_COMMON_BASE_FENCED_CODE_H_
