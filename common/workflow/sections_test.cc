#include "common/workflow/sections.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kHead[] = "---\nname = \"x\"\n---\n";

std::string Render(const std::vector<SourceLine>& lines) {
  return absl::StrJoin(lines, "|", [](std::string* out, const SourceLine& l) {
    absl::StrAppend(out, l.number, " ", l.text);
  });
}

// "HEADING: BODY" of each section of `text`, in which nothing is wrong.
std::vector<std::string> SectionsOf(absl::string_view text) {
  const SourceFile file = {"p", std::string(text)};
  Diagnostics diagnostics;
  const std::optional<Sections> sections = ScanSections(file, diagnostics);
  EXPECT_THAT(diagnostics.list(), IsEmpty());
  std::vector<std::string> rendered;
  if (!sections.has_value()) return rendered;
  for (const Section& section : sections->sections) {
    rendered.push_back(
        absl::StrCat(Render({section.heading}), ": ", Render(section.body)));
  }
  return rendered;
}

std::string FrontmatterOf(absl::string_view text) {
  const SourceFile file = {"p", std::string(text)};
  Diagnostics diagnostics;
  const std::optional<Sections> sections = ScanSections(file, diagnostics);
  EXPECT_THAT(diagnostics.list(), IsEmpty()) << text;
  return sections.has_value() ? Render(sections->frontmatter) : "none";
}

// "LINE:COLUMN: MESSAGE" of all that is wrong with `text`. `can_be_divided`
// says whether there are sections all the same.
std::vector<std::string> FaultsOf(absl::string_view text,
                                  bool can_be_divided = false) {
  const SourceFile file = {"p", std::string(text)};
  Diagnostics diagnostics;
  EXPECT_EQ(ScanSections(file, diagnostics).has_value(), can_be_divided);
  std::vector<std::string> faults;
  for (const Diagnostic& fault : diagnostics.list()) {
    EXPECT_EQ(fault.severity, Diagnostic::Severity::kError);
    EXPECT_EQ(fault.file, "p");
    faults.push_back(
        absl::StrCat(fault.line, ":", fault.column, ": ", fault.message));
  }
  return faults;
}

TEST(ScanSections, DividesAtHeadingsOfLevelTwo) {
  EXPECT_THAT(SectionsOf(absl::StrCat(kHead,
                                      "# Text\n\n## One\na\n### b\n# c\n\n"
                                      "##\tTwo\n##\n##Three\n ## Four\n")),
              ElementsAre("6 ## One: 7 a|8 ### b|9 # c|10 ",
                          "11 ##\tTwo: ", "12 ##: 13 ##Three|14  ## Four"));
  EXPECT_THAT(SectionsOf(kHead), IsEmpty());
  EXPECT_THAT(SectionsOf(absl::StrCat(kHead, "## One")),
              ElementsAre("4 ## One: "));
}

TEST(ScanSections, AHeadingInCodeIsCode) {
  EXPECT_THAT(SectionsOf(absl::StrCat(
                  kHead,
                  "```\n## IF x\n```\n## One\n~~~ sh\n## IF ${A}\n```\n"
                  "## ENDIF\n~~~\n````\n```\n## Two\n`````\n## Three")),
              ElementsAre("7 ## One: 8 ~~~ sh|9 ## IF ${A}|10 ```|11 ## ENDIF|"
                          "12 ~~~|13 ````|14 ```|15 ## Two|16 `````",
                          "17 ## Three: "));
  // Neither is a fence: what has backticks behind it, what is indented by four.
  EXPECT_THAT(SectionsOf(absl::StrCat(kHead, "``` a`\n    ```\n``\n## One")),
              ElementsAre("7 ## One: "));
}

TEST(ScanSections, LinesMayEndAsOnWindows) {
  EXPECT_THAT(SectionsOf("---\r\nname = \"x\"\r\n---\r\n## A\r\nb\r\n\r\nc\rd"),
              ElementsAre("4 ## A: 5 b|6 |7 c\rd"));
  EXPECT_THAT(SectionsOf("---\r\n---\r\n## A\r\n```\r\n## B\r\n```\r\n## C"),
              ElementsAre("3 ## A: 4 ```|5 ## B|6 ```", "7 ## C: "));
}

TEST(ScanSections, FindsTheFrontmatter) {
  EXPECT_EQ(FrontmatterOf("---\na\n\nb\n---\nc\n---\n"), "2 a|3 |4 b");
  EXPECT_EQ(FrontmatterOf("---\n---"), "");
  EXPECT_EQ(FrontmatterOf("\n \n--- \t\na\n---\r\n"), "4 a");
  EXPECT_EQ(FrontmatterOf("\xEF\xBB\xBF---\na\n---\n"), "2 a");
  EXPECT_EQ(FrontmatterOf("---\n## a\n```\n---\n"), "2 ## a|3 ```");
}

TEST(ScanSections, SaysWhereTheFrontmatterIsMissing) {
  for (const char* text : {"", "\n", "\xEF\xBB\xBF", "## One\n---\n---\n",
                           " ---\n---\n", "----\n---\n", "--\n"}) {
    EXPECT_THAT(FaultsOf(text),
                ElementsAre(StartsWith("1:1: a pattern begins with its "
                                       "frontmatter: a line '---'")))
        << text;
  }
  EXPECT_THAT(FaultsOf("\n\n# Text\n"), ElementsAre(StartsWith("3:1: ")));
  EXPECT_THAT(FaultsOf("\n---\na = 1\n## One\n"),
              ElementsAre("2:1: the frontmatter does not end: a line '---' is "
                          "missing"));
}

TEST(ScanSections, SaysWhereCodeDoesNotEnd) {
  const std::string fault = ":1: this block of code does not end";
  EXPECT_THAT(FaultsOf(absl::StrCat(kHead, "## A\n```sh\n## B\n~~~\n"), true),
              ElementsAre("5" + fault));
  EXPECT_THAT(FaultsOf(absl::StrCat(kHead, "````\n```\n"), true),
              ElementsAre("4" + fault));
  EXPECT_THAT(FaultsOf(absl::StrCat(kHead, "```\n``` sh\n"), true),
              ElementsAre("4" + fault));
}

TEST(ScanSections, RefusesWhatIsNoText) {
  const std::string bytes =
      absl::StrCat(kHead, "## ä\xFF\n", absl::string_view("a\0b\0\n", 5),
                   "\xC3\n\xED\xA0\x80\n");
  EXPECT_THAT(
      FaultsOf(bytes),
      ElementsAre("4:5: this byte is no UTF-8",
                  "5:2: a NUL cannot stand in a pattern",
                  "6:1: this byte is no UTF-8", "7:1: this byte is no UTF-8"));
  EXPECT_THAT(FaultsOf(std::string(1000, '\0')),
              ElementsAre("1:1: a NUL cannot stand in a pattern"));
}

TEST(ScanSections, RefusesWhatIsLong) {
  std::string text = kHead;
  text.resize(size_t{1} << 20, 'a');
  EXPECT_THAT(FaultsOf(text, true), IsEmpty());
  text.push_back('a');
  EXPECT_THAT(FaultsOf(text),
              ElementsAre("1:1: the file is longer than 1 MiB"));
}

}  // namespace
}  // namespace csa
