#include "tools/weave/pattern_files.h"

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string PatternOf(absl::string_view text) {
  return absl::StrCat("---\nname = \"x\"\n---\n", text);
}

class PatternFilesTest : public testing::Test {
 protected:
  std::string PathOf(absl::string_view name) const {
    return scratch_.PathOf(name);
  }

  // The file `name`, with its folders.
  std::string Write(absl::string_view name, absl::string_view text) const {
    const std::string path = PathOf(name);
    fs::create_directories(fs::path(path).parent_path());
    WriteFile(path, text);
    return path;
  }

  // The pattern in `path` compiled, and what was said meanwhile.
  struct Outcome {
    absl::StatusOr<std::optional<Workflow>> workflow;
    std::string notices;
  };
  static Outcome CompileAt(const std::string& path, bool strict = false) {
    testing::internal::CaptureStderr();
    Outcome outcome = {CompileFile(path, strict), ""};
    outcome.notices = testing::internal::GetCapturedStderr();
    return outcome;
  }

 private:
  ScratchDirectory scratch_;
};

TEST(ResolveReference, ANameIsThatOfAFolderBeside) {
  EXPECT_EQ(ResolveReference("patterns/a/PATTERN.md", "b").value(),
            "patterns/b/PATTERN.md");
  EXPECT_EQ(ResolveReference("/x/a/PATTERN.md", "b c").value(),
            "/x/b c/PATTERN.md");
  EXPECT_EQ(ResolveReference("PATTERN.md", "b").value(), "../b/PATTERN.md");
  EXPECT_EQ(ResolveReference("../PATTERN.md", "b").value(),
            "../../b/PATTERN.md");
}

TEST(ResolveReference, APathIsFromTheFolder) {
  EXPECT_EQ(ResolveReference("p/a/PATTERN.md", "../b/PATTERN.md").value(),
            "p/b/PATTERN.md");
  EXPECT_EQ(ResolveReference("p/a/PATTERN.md", "./c//d/../x.md").value(),
            "p/a/c/x.md");
  EXPECT_EQ(ResolveReference("p/a/PATTERN.md", "x.md").value(), "p/a/x.md");
  EXPECT_EQ(ResolveReference("PATTERN.md", "../../x.md").value(), "../../x.md");
  EXPECT_EQ(ResolveReference("/a/PATTERN.md", "../x.md").value(), "/x.md");
}

TEST(ResolveReference, RefusesWhatIsNeither) {
  for (const char* reference : {"/etc/passwd", "/x.md", ".", ".."}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        ResolveReference("p/a/PATTERN.md", reference).status()))
        << reference;
  }
}

TEST(WorkflowBeside, IsInTheSameFolder) {
  EXPECT_EQ(WorkflowBeside("p/a/PATTERN.md"), "p/a/workflow.toml");
  EXPECT_EQ(WorkflowBeside("PATTERN.md"), "workflow.toml");
  EXPECT_EQ(WorkflowBeside("/PATTERN.md"), "/workflow.toml");
}

TEST_F(PatternFilesTest, FindsPatternsInFoldersAndInTheirFolder) {
  Write("p/b/PATTERN.md", "");
  Write("p/a/PATTERN.md", "");
  Write("p/PATTERN.md", "");
  Write("p/c/README.md", "");
  Write("p/d/e/PATTERN.md", "");
  Write("p/file", "");
  const std::string p = PathOf("p");
  EXPECT_THAT(
      FindPatterns(p).value(),
      ElementsAre(p + "/PATTERN.md", p + "/a/PATTERN.md", p + "/b/PATTERN.md"));
  EXPECT_THAT(FindPatterns(p + "/./a/").value(),
              ElementsAre(p + "/a/PATTERN.md"));
  fs::create_directory_symlink(p + "/b", PathOf("link"));
  EXPECT_THAT(FindPatterns(PathOf("link")).value(),
              ElementsAre(PathOf("link/PATTERN.md")));
}

TEST_F(PatternFilesTest, SaysThatThereIsNone) {
  Write("p/d/e/PATTERN.md", "");
  const absl::Status none = FindPatterns(PathOf("p")).status();
  EXPECT_TRUE(absl::IsNotFound(none));
  EXPECT_THAT(std::string(none.message()),
              HasSubstr("there is no PATTERN.md in "));
  EXPECT_TRUE(absl::IsNotFound(FindPatterns(PathOf("q")).status()));
  Write("f", "");
  EXPECT_FALSE(FindPatterns(PathOf("f")).ok());
}

TEST_F(PatternFilesTest, CompilesWithWhatIsIncluded) {
  const std::string path =
      Write("p/a/PATTERN.md", PatternOf("## INCLUDE b\n## INCLUDE x/c.md\n"));
  Write("p/b/PATTERN.md", PatternOf("## B\n## INCLUDE ../a/x/c.md\n"));
  Write("p/a/x/c.md", PatternOf("## C\n"));
  const Outcome outcome = CompileAt(path, true);
  EXPECT_EQ(outcome.notices, "");
  ASSERT_TRUE(outcome.workflow.ok());
  ASSERT_TRUE(outcome.workflow->has_value());
  EXPECT_EQ((*outcome.workflow)->steps.size(), 3);
}

TEST_F(PatternFilesTest, ACycleIsOneByWhateverNames) {
  const std::string path =
      Write("p/a/PATTERN.md", PatternOf("## INCLUDE ../../p/./b/PATTERN.md\n"));
  Write("p/b/PATTERN.md", PatternOf("\n## INCLUDE a\n"));
  const Outcome outcome = CompileAt(PathOf("p/../p/a//PATTERN.md"));
  EXPECT_EQ(*outcome.workflow, std::nullopt);
  const std::string b = PathOf("p/b/PATTERN.md");
  EXPECT_EQ(outcome.notices,
            absl::StrCat(b, ":5:1: error: a pattern cannot include itself: ",
                         path, " includes ", b, " includes ", path,
                         "\n  ## INCLUDE a\n  ^\n"));
}

TEST_F(PatternFilesTest, SaysWhichIncludeLeadsNowhere) {
  ASSERT_EQ(mkfifo(PathOf("fifo.md").c_str(), 0600), 0);
  Write("long.md", std::string((size_t{1} << 20) + 2, 'a'));
  fs::create_directory(PathOf("folder.md"));
  const std::string path =
      Write("PATTERN.md", PatternOf("## INCLUDE none\n## INCLUDE ./fifo.md\n"
                                    "## INCLUDE /etc/passwd\n## INCLUDE ..\n"
                                    "## INCLUDE folder.md\n"
                                    "## INCLUDE long.md\n"));
  const Outcome outcome = CompileAt(path);
  EXPECT_EQ(*outcome.workflow, std::nullopt);
  for (int line = 4; line <= 9; ++line) {
    EXPECT_THAT(outcome.notices,
                HasSubstr(absl::StrCat(path, ":", line, ":1: error: ")));
  }
  EXPECT_THAT(outcome.notices, HasSubstr("long.md is longer than 1 MiB"));
}

TEST_F(PatternFilesTest, WarningsCountWhenStrict) {
  const std::string path =
      Write("PATTERN.md", PatternOf("## A\nTimeout: soon\n"));
  const Outcome lenient = CompileAt(path);
  EXPECT_TRUE(lenient.workflow->has_value());
  EXPECT_THAT(lenient.notices,
              HasSubstr(path + ":5:10: warning: Timeout is taken for text"));
  const Outcome strict = CompileAt(path, true);
  EXPECT_EQ(*strict.workflow, std::nullopt);
  EXPECT_THAT(strict.notices,
              HasSubstr(path + ":5:10: error: Timeout is taken for text"));
}

TEST_F(PatternFilesTest, SaysWhatCannotBeRead) {
  EXPECT_TRUE(absl::IsNotFound(CompileAt(PathOf("none")).workflow.status()));
  EXPECT_FALSE(CompileAt(PathOf("")).workflow.ok());
  // By one byte, it is still told with its place.
  const std::string path =
      Write("PATTERN.md", std::string((size_t{1} << 20) + 1, 'a'));
  EXPECT_EQ(*CompileAt(path).workflow, std::nullopt);
  Write("PATTERN.md", std::string((size_t{1} << 20) + 2, 'a'));
  EXPECT_THAT(std::string(CompileAt(path).workflow.status().message()),
              HasSubstr("is longer than 1 MiB"));
}

TEST_F(PatternFilesTest, WritesOverWhatIsThere) {
  const std::string path = Write("workflow.toml", "something longer");
  EXPECT_TRUE(WriteWorkflow(path, "new\n").ok());
  EXPECT_EQ(ReadFile(path), "new\n");
  const std::string none = PathOf("none/workflow.toml");
  EXPECT_THAT(std::string(WriteWorkflow(none, "x").message()), HasSubstr(none));
}

}  // namespace
}  // namespace csa
