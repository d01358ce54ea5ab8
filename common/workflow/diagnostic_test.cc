#include "common/workflow/diagnostic.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using Severity = Diagnostic::Severity;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// What is said of the byte `offset` of line 7, which is `line`.
Diagnostic At(const std::string& line, size_t offset,
              std::string message = "it is wrong",
              Severity severity = Severity::kError) {
  Diagnostics diagnostics;
  diagnostics.Add(severity, "p/PATTERN.md", 7, line, offset,
                  std::move(message));
  return diagnostics.list().at(0);
}

TEST(FormatDiagnostic, ShowsTheLineAndTheColumn) {
  EXPECT_EQ(FormatDiagnostic(At("## IF x", 6)),
            "p/PATTERN.md:7:7: error: it is wrong\n"
            "  ## IF x\n"
            "        ^");
  EXPECT_EQ(FormatDiagnostic(At("## x", 0, "odd", Severity::kWarning)),
            "p/PATTERN.md:7:1: warning: odd\n  ## x\n  ^");
}

TEST(FormatDiagnostic, ColumnsMayBeBehindTheLine) {
  EXPECT_EQ(FormatDiagnostic(At("Tool:", 5)),
            "p/PATTERN.md:7:6: error: it is wrong\n  Tool:\n       ^");
  EXPECT_EQ(FormatDiagnostic(At("", 0)),
            "p/PATTERN.md:7:1: error: it is wrong\n  \n  ^");
}

TEST(FormatDiagnostic, ColumnsAreCharacters) {
  EXPECT_EQ(FormatDiagnostic(At("äö\xE4\xB8\x96\xF0\x9F\x98\x80x", 11)),
            "p/PATTERN.md:7:5: error: it is wrong\n"
            "  äö\xE4\xB8\x96\xF0\x9F\x98\x80x\n"
            "      ^");
  // A byte that is part of no character is shown as four.
  EXPECT_EQ(FormatDiagnostic(At("a\xFFz", 2)),
            "p/PATTERN.md:7:3: error: it is wrong\n  a\\xFFz\n       ^");
  EXPECT_EQ(At("a\xFFz", 2).column, 3);
}

TEST(FormatDiagnostic, ATabIsOneColumnAndIsShown) {
  EXPECT_EQ(FormatDiagnostic(At("##\tIF\tx", 6)),
            "p/PATTERN.md:7:7: error: it is wrong\n"
            "  ##\\x09IF\\x09x\n"
            "              ^");
}

TEST(FormatDiagnostic, OfALongLineShowsWhatIsAround) {
  std::string line(size_t{1} << 20, 'a');
  line.replace(500'000, 1, "X");
  const std::string text = FormatDiagnostic(At(line, 500'000));
  EXPECT_EQ(text, "p/PATTERN.md:7:500001: error: it is wrong\n  " +
                      std::string(60, 'a') + "X" + std::string(59, 'a') +
                      "\n  " + std::string(60, ' ') + "^");
  EXPECT_LT(FormatDiagnostic(At(line, 0)).size(), 200);
  EXPECT_THAT(FormatDiagnostic(At(line, line.size())),
              EndsWith("a\n  " + std::string(60, ' ') + "^"));
}

TEST(FormatDiagnostic, ATerminalObeysNothingInIt) {
  Diagnostic diagnostic = At("\x1B[2J\xC2\x9B x", 4, "a\x1B b\nforged:1:1: c");
  diagnostic.file = "\x1B[31m";
  const std::string text = FormatDiagnostic(diagnostic);
  EXPECT_THAT(text, StartsWith("\\x1B[31m:7:5: error: a\\x1B b\\x0Aforged"));
  EXPECT_THAT(text, HasSubstr("\n  \\x1B[2J\\xC2\\x9B x\n         ^"));
  EXPECT_THAT(text, Not(HasSubstr("\x1B")));
}

void AddMany(Severity severity, int count, Diagnostics& diagnostics) {
  for (int i = 0; i < count; ++i) {
    diagnostics.Add(severity, "f", i + 1, "x", 0, "wrong");
  }
}

TEST(Diagnostics, AreKeptAsTheyCome) {
  Diagnostics diagnostics;
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.Add(Severity::kWarning, "f", 2, "xy", 1, "odd");
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.Add(Severity::kError, "g", 1, "", 0, "wrong");
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_FALSE(diagnostics.full());
  EXPECT_EQ(diagnostics.list(), (std::vector<Diagnostic>{
                                    {.severity = Severity::kWarning,
                                     .file = "f",
                                     .line = 2,
                                     .column = 2,
                                     .message = "odd",
                                     .source_line = "xy"},
                                    {.severity = Severity::kError,
                                     .file = "g",
                                     .line = 1,
                                     .column = 1,
                                     .message = "wrong",
                                     .source_line = ""},
                                }));
}

TEST(Diagnostics, AreNotLong) {
  const std::string characters(1999, 'a');
  EXPECT_EQ(At("x", 0, characters + "ä").message, characters + "ä");
  EXPECT_EQ(At("x", 0, characters + "ä" + characters).message,
            characters + "ä …");
}

TEST(Diagnostics, HundredErrorsAreEnough) {
  Diagnostics diagnostics;
  AddMany(Severity::kError, 99, diagnostics);
  EXPECT_FALSE(diagnostics.full());
  EXPECT_EQ(diagnostics.list().back().message, "wrong");
  AddMany(Severity::kError, 1000, diagnostics);
  EXPECT_TRUE(diagnostics.full());
  EXPECT_EQ(diagnostics.list().size(), 100);
  EXPECT_THAT(diagnostics.list().back().message,
              StartsWith("wrong; what else is wrong is not shown"));
}

// Else what they are warnings of would be a workflow that is not all there.
TEST(Diagnostics, NoWarningKeepsAnErrorFromBeingFound) {
  Diagnostics diagnostics;
  AddMany(Severity::kWarning, 1000, diagnostics);
  EXPECT_FALSE(diagnostics.full());
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.list().size(), 100);
  EXPECT_THAT(diagnostics.list().back().message, HasSubstr("not shown"));
  AddMany(Severity::kError, 1, diagnostics);
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.list().back().severity, Severity::kError);
}

}  // namespace
}  // namespace csa
