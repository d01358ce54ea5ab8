#include "common/os/last_lines.h"

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// What SeekToLastLines reads at once.
constexpr size_t kBlock = 64 * 1024;

// What can be read of `text` after SeekToLastLines.
std::string LastLines(absl::string_view text, int64_t count) {
  const absl::StatusOr<UniqueFd> fd = OpenInMemory(text);
  EXPECT_TRUE(fd.ok()) << fd.status();
  const absl::Status sought = SeekToLastLines(fd->get(), count);
  EXPECT_TRUE(sought.ok()) << sought;
  return ReadAll(fd->get(), text.size()).value_or("(unreadable)");
}

TEST(SeekToLastLines, FindsTheLastLines) {
  EXPECT_EQ(LastLines("a\nb\nc\n", 1), "c\n");
  EXPECT_EQ(LastLines("a\nb\nc\n", 2), "b\nc\n");
}

TEST(SeekToLastLines, CountsWhatFollowsTheLastNewline) {
  EXPECT_EQ(LastLines("a\nb\nc", 1), "c");
  EXPECT_EQ(LastLines("a\nb\nc", 2), "b\nc");
}

TEST(SeekToLastLines, GivesAllWhereThereAreFewer) {
  EXPECT_EQ(LastLines("a\nb\n", 2), "a\nb\n");
  EXPECT_EQ(LastLines("a\nb\n", 3), "a\nb\n");
  EXPECT_EQ(LastLines("no newline", 1), "no newline");
}

TEST(SeekToLastLines, GivesNothingForNoLines) {
  EXPECT_EQ(LastLines("a\nb\n", 0), "");
  EXPECT_EQ(LastLines("", 0), "");
}

TEST(SeekToLastLines, TakesAnEmptyFile) { EXPECT_EQ(LastLines("", 5), ""); }

TEST(SeekToLastLines, CountsEmptyLines) {
  EXPECT_EQ(LastLines("a\n\n\n", 1), "\n");
  EXPECT_EQ(LastLines("a\n\n\n", 2), "\n\n");
  EXPECT_EQ(LastLines("\n", 1), "\n");
  EXPECT_EQ(LastLines("\n\n", 1), "\n");
}

TEST(SeekToLastLines, FindsANewlineWhereverABlockEnds) {
  for (size_t length = kBlock - 3; length <= kBlock + 3; ++length) {
    for (const absl::string_view end : {"", "\n"}) {
      const std::string last = std::string(length, 'x') + std::string(end);
      EXPECT_EQ(LastLines("a\nb\n" + last, 1), last) << length;
      EXPECT_EQ(LastLines("a\nb\n" + last, 2), "b\n" + last) << length;
    }
  }
}

TEST(SeekToLastLines, GoesThroughSeveralBlocks) {
  const std::string last = std::string(3 * kBlock + 5, 'x') + "\n";
  EXPECT_EQ(LastLines("a\n" + last, 1), last);
  const std::string lines(2 * kBlock, '\n');
  EXPECT_EQ(LastLines(lines, kBlock + 1).size(), kBlock + 1);
}

TEST(SeekToLastLines, RefusesAPipe) {
  const absl::StatusOr<Pipe> pipe = OpenPipe();
  ASSERT_TRUE(pipe.ok());
  EXPECT_FALSE(SeekToLastLines(pipe->reader.get(), 1).ok());
}

}  // namespace
}  // namespace csa
