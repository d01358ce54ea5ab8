#include "common/base/utf8.h"

#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(Utf8CharacterLength, KnowsTheFirstAndLastOfEachLength) {
  EXPECT_EQ(Utf8CharacterLength(absl::string_view("\0", 1)), 1);
  EXPECT_EQ(Utf8CharacterLength("\x7F"), 1);
  EXPECT_EQ(Utf8CharacterLength("\xC2\x80"), 2);          // U+0080
  EXPECT_EQ(Utf8CharacterLength("\xDF\xBF"), 2);          // U+07FF
  EXPECT_EQ(Utf8CharacterLength("\xE0\xA0\x80"), 3);      // U+0800
  EXPECT_EQ(Utf8CharacterLength("\xED\x9F\xBF"), 3);      // U+D7FF
  EXPECT_EQ(Utf8CharacterLength("\xEE\x80\x80"), 3);      // U+E000
  EXPECT_EQ(Utf8CharacterLength("\xEF\xBF\xBF"), 3);      // U+FFFF
  EXPECT_EQ(Utf8CharacterLength("\xF0\x90\x80\x80"), 4);  // U+10000
  EXPECT_EQ(Utf8CharacterLength("\xF4\x8F\xBF\xBF"), 4);  // U+10FFFF
}

TEST(Utf8CharacterLength, LooksAtTheFirstCharacterOnly) {
  EXPECT_EQ(Utf8CharacterLength("\xC3\xA4\xFF"), 2);
}

TEST(Utf8CharacterLength, RefusesWhatIsNoCharacter) {
  for (const absl::string_view text : {
           "",
           "\x80",              // begins in the middle
           "\xC0\x80",          // overlong
           "\xC1\xBF",          // overlong
           "\xE0\x9F\xBF",      // overlong
           "\xF0\x8F\xBF\xBF",  // overlong
           "\xED\xA0\x80",      // U+D800, a surrogate
           "\xED\xBF\xBF",      // U+DFFF, a surrogate
           "\xF4\x90\x80\x80",  // beyond U+10FFFF
           "\xF5\x80\x80\x80",
           "\xFF",
           "\xC3",          // cut short
           "\xE2\x82",      // cut short
           "\xF0\x9F\x98",  // cut short
           "\xC3(",         // no continuation
           "\xE2\x82(",
           "\xF0\x9F\x98(",
       }) {
    EXPECT_EQ(Utf8CharacterLength(text), 0) << testing::PrintToString(text);
  }
}

TEST(ReplaceInvalidUtf8, LeavesValidTextAlone) {
  EXPECT_EQ(ReplaceInvalidUtf8(""), "");
  EXPECT_EQ(ReplaceInvalidUtf8("a\n\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"),
            "a\n\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(ReplaceInvalidUtf8, ReplacesEachByteThatIsNoPartOfACharacter) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\xC3\xA4"), "\xEF\xBF\xBD\xC3\xA4");
}

TEST(EscapeForDisplay, LeavesWhatCanBeShownAlone) {
  EXPECT_EQ(EscapeForDisplay(""), "");
  EXPECT_EQ(EscapeForDisplay("a \\\"\xC3\xA4\xC2\xA0\xF0\x9F\x98\x80"),
            "a \\\"\xC3\xA4\xC2\xA0\xF0\x9F\x98\x80");
}

TEST(EscapeForDisplay, EscapesWhatATerminalObeysAndWhatIsNoText) {
  EXPECT_EQ(EscapeForDisplay("a\nb\x1B[2J\x7F"), "a\\x0Ab\\x1B[2J\\x7F");
  EXPECT_EQ(EscapeForDisplay(absl::string_view("\0", 1)), "\\x00");
  // The control characters that have two bytes, CSI among them.
  EXPECT_EQ(EscapeForDisplay("\xC2\x80\xC2\x9B\xC2\x9F"),
            "\\xC2\\x80\\xC2\\x9B\\xC2\\x9F");
  EXPECT_EQ(EscapeForDisplay("\xFFz\xE2\x82"), "\\xFFz\\xE2\\x82");
}

TEST(EscapeForDisplay, EscapesOthersWhenAsked) {
  EXPECT_EQ(EscapeForDisplay("a\"b>c", "\">"), "a\\x22b\\x3Ec");
}

TEST(BlankControls, LeavesTheRestAlone) {
  EXPECT_EQ(BlankControls("a\tb\x1B[0m\xC2\x9B\xC3\xA4\x7F"),
            "a b [0m \xC3\xA4 ");
}

TEST(Utf8Prefix, CountsCharactersNotBytes) {
  const absl::string_view text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z";
  EXPECT_EQ(Utf8Prefix(text, 0), "");
  EXPECT_EQ(Utf8Prefix(text, 1), "a");
  EXPECT_EQ(Utf8Prefix(text, 3), "a\xC3\xA4\xE2\x82\xAC");
  EXPECT_EQ(Utf8Prefix(text, 5), text);
  EXPECT_EQ(Utf8Prefix(text, 6), text);
}

}  // namespace
}  // namespace csa
