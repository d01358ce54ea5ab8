// Patterns in testdata, and what they are compiled to and drawn as: the same
// bytes. Where a change of these is meant, `weave compile` and `weave show
// --format FORMAT` make the files anew.

#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/cli/output.h"
#include "common/testing/scratch_directory.h"
#include "common/workflow/compile.h"
#include "common/workflow/drawing.h"
#include "common/workflow/workflow_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// Bazel puts links to the files there.
std::string ReadLinked(const std::string& path) {
  return ReadFile(std::filesystem::canonical(path));
}

std::string PathOf(absl::string_view name, absl::string_view ending) {
  return absl::StrCat("common/workflow/testdata/", name, ending);
}

class GoldenTest : public testing::TestWithParam<const char*> {
 protected:
  // Expects that the file of the pattern with this ending holds `text`.
  static void ExpectFile(absl::string_view ending, const std::string& text) {
    const std::string path = PathOf(GetParam(), ending);
    EXPECT_EQ(ReadLinked(path), text) << path;
  }
};

TEST_P(GoldenTest, IsCompiledAndDrawnAsItWas) {
  const std::string path = PathOf(GetParam(), ".md");
  Diagnostics diagnostics;
  const Workflow workflow = CompilePattern(
      {path, ReadLinked(path)},
      [](absl::string_view,
         absl::string_view reference) -> absl::StatusOr<SourceFile> {
        std::string included = PathOf(reference, ".md");
        std::string text = ReadLinked(included);
        return SourceFile{std::move(included), std::move(text)};
      },
      diagnostics);
  EXPECT_THAT(diagnostics.list(), testing::IsEmpty());
  ExpectFile(".toml", FormatWorkflow(workflow));
  EXPECT_EQ(ParseWorkflow(ReadLinked(PathOf(GetParam(), ".toml"))).value(),
            workflow);
  ExpectFile(".txt", absl::StrCat(Draw(workflow, OutputFormat::kText), "\n"));
  ExpectFile(".json", absl::StrCat(Draw(workflow, OutputFormat::kJson), "\n"));
  ExpectFile(".dot", absl::StrCat(Draw(workflow, OutputFormat::kDot), "\n"));
  ExpectFile(".mermaid",
             absl::StrCat(Draw(workflow, OutputFormat::kMermaid), "\n"));
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTest,
                         testing::Values("release", "publish", "odd"),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace csa
