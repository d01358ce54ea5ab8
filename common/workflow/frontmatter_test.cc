#include "common/workflow/frontmatter.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Read {
  Pattern pattern;
  std::vector<std::string> faults;  // "LINE: severity: MESSAGE"
};

// What the frontmatter `toml` gives, behind `before` and a line "---".
Read ReadToml(absl::string_view toml, absl::string_view before = "") {
  const SourceFile file = {"p",
                           absl::StrCat(before, "---\n", toml, "---\n## A\n")};
  Read read;
  Diagnostics diagnostics;
  const std::optional<Sections> sections = ScanSections(file, diagnostics);
  EXPECT_TRUE(sections.has_value());
  ReadFrontmatter(file.name, *sections, read.pattern, diagnostics);
  for (const Diagnostic& fault : diagnostics.list()) {
    const bool is_error = fault.severity == Diagnostic::Severity::kError;
    EXPECT_EQ(fault.file, "p");
    EXPECT_EQ(fault.column, 1);
    read.faults.push_back(
        absl::StrCat(fault.line, " ", fault.source_line,
                     is_error ? ": error: " : ": warning: ", fault.message));
  }
  return read;
}

TEST(ReadFrontmatter, ReadsWhatThePatternSaysOfItself) {
  const Read read = ReadToml(
      "name = \"x\"\ndescription = \"\"\"a\nb \\\"\"\"\"\nversion = '1.0'\n"
      "tier = \"quick\"\nmodel = 1\nallowed-tools = [\"Bash\"]\n");
  EXPECT_THAT(read.faults, IsEmpty());
  EXPECT_EQ(read.pattern.name, "x");
  EXPECT_EQ(read.pattern.description, "a\nb \"");
  EXPECT_EQ(read.pattern.version, "1.0");
  EXPECT_EQ(read.pattern.tier, "quick");
}

TEST(ReadFrontmatter, OnlyTheNameMustBeThere) {
  EXPECT_THAT(ReadToml("name = \"x\"\n").faults, IsEmpty());
  EXPECT_THAT(ReadToml("\ntier = \"a\"\n").faults,
              ElementsAre("1 ---: error: the frontmatter has no name: "
                          "name = \"…\""));
  // Where there is no line in it, the one above is shown.
  EXPECT_THAT(ReadToml("").faults, ElementsAre(StartsWith("1 ---: error: ")));
  EXPECT_THAT(ReadToml("", "\n\n").faults,
              ElementsAre(StartsWith("3 ---: error: ")));
}

TEST(ReadFrontmatter, SaysWhatIsNoText) {
  EXPECT_THAT(ReadToml("name = \"\"\nversion = 1.0\ndescription = []\n").faults,
              testing::UnorderedElementsAre(
                  "2 name = \"\": error: name must be a text that is not empty",
                  "3 version = 1.0: error: version must be a text",
                  "4 description = []: error: description must be a text"));
  EXPECT_THAT(ReadToml("name = 1\n").faults,
              ElementsAre("2 name = 1: error: name must be a text that is not "
                          "empty"));
}

// No workflow.toml may have one.
TEST(ReadFrontmatter, F45_RefusesANul) {
  for (const char* key : {"name", "description", "version", "tier"}) {
    const std::string line = absl::StrCat(key, R"( = "a\u0000b")");
    const Read read = ReadToml(absl::StrCat(
        std::string(key) == "name" ? "" : "name = \"x\"\n", line, "\n"));
    EXPECT_THAT(read.faults,
                ElementsAre(AllOf(HasSubstr(line), HasSubstr("NUL"))));
  }
}

TEST(ReadFrontmatter, WarnsOfWhatItDoesNotKnow) {
  const Read read = ReadToml("name = \"x\"\nNAME = 1\n[author]\nname = 2\n");
  EXPECT_EQ(read.pattern.name, "x");
  EXPECT_THAT(read.faults,
              testing::UnorderedElementsAre(
                  "3 NAME = 1: warning: the key 'NAME' means nothing here",
                  "4 [author]: warning: the key 'author' means nothing here"));
}

TEST(ReadFrontmatter, SaysWhereItIsNoToml) {
  EXPECT_THAT(ReadToml("name = \"x\"\ntier = a\n").faults,
              ElementsAre(StartsWith("3 tier = a: error: the frontmatter is no "
                                     "TOML: ")));
  EXPECT_THAT(ReadToml("name: x\n").faults,
              ElementsAre(StartsWith("2 name: x: error: ")));
  EXPECT_THAT(ReadToml("name = \"x\"\nname = \"y\"\n").faults,
              ElementsAre(StartsWith("3 name = \"y\": error: ")));
  // What has no end shows behind it.
  EXPECT_THAT(ReadToml("name = \"\"\"x\n").faults,
              ElementsAre(HasSubstr(": error: the frontmatter is no TOML: ")));
}

}  // namespace
}  // namespace csa
