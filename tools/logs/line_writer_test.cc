#include "tools/logs/line_writer.h"

#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

class LineWriterTest : public testing::Test {
 protected:
  std::string Written() const {
    EXPECT_EQ(lseek(to_.get(), 0, SEEK_SET), 0);
    return ReadAll(to_.get(), size_t{1} << 23).value();
  }

  const UniqueFd to_ = OpenInMemory("").value();
  LineWriter writer_{to_.get(), [](absl::string_view line) {
                       return absl::StrCat("<", line, ">\n");
                     }};
};

TEST_F(LineWriterTest, WritesWholeLines) {
  EXPECT_TRUE(writer_.Write("one\ntw").ok());
  EXPECT_EQ(Written(), "<one>\n");
  EXPECT_TRUE(writer_.Write("").ok());
  EXPECT_TRUE(writer_.Write("o\n\nthree\n").ok());
  EXPECT_EQ(Written(), "<one>\n<two>\n<>\n<three>\n");
  EXPECT_TRUE(writer_.Finish().ok());
  EXPECT_EQ(Written(), "<one>\n<two>\n<>\n<three>\n");
}

TEST_F(LineWriterTest, TheLastLineNeedsNoNewline) {
  EXPECT_TRUE(writer_.Write("one\ntwo").ok());
  EXPECT_TRUE(writer_.Finish().ok());
  EXPECT_EQ(Written(), "<one>\n<two>\n");
}

TEST_F(LineWriterTest, ALongLineComesInPieces) {
  const std::string longest(LineWriter::kLongestLine, 'x');
  EXPECT_TRUE(writer_.Write(longest).ok());
  EXPECT_TRUE(writer_.Write("y\n").ok());
  EXPECT_EQ(Written(), absl::StrCat("<", longest, ">\n<y>\n"));
}

TEST_F(LineWriterTest, ALineOfOnePieceIsNotTwo) {
  const std::string longest(LineWriter::kLongestLine, 'x');
  EXPECT_TRUE(writer_.Write(longest).ok());
  EXPECT_TRUE(writer_.Write("\n\nlast\n").ok());
  EXPECT_EQ(Written(), absl::StrCat("<", longest, ">\n<>\n<last>\n"));
}

TEST_F(LineWriterTest, IsAbortedWhereItCannotWrite) {
  LineWriter writer(-1,
                    [](absl::string_view line) { return std::string(line); });
  EXPECT_TRUE(writer.Write("no whole line").ok());
  EXPECT_FALSE(writer.Write("\n").ok());
}

}  // namespace
}  // namespace csa
