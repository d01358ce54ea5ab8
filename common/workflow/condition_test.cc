#include "common/workflow/condition.h"

#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/testing/repeat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using Kind = Condition::Kind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Condition Variable(std::string name, std::optional<std::string> fallback = {}) {
  return {Kind::kVariable, std::move(name), std::move(fallback), {}};
}

Condition Text(std::string text) {
  return {Kind::kText, std::move(text), std::nullopt, {}};
}

Condition Of(Kind kind, std::vector<Condition> operands) {
  return {kind, "", std::nullopt, std::move(operands)};
}

// The condition in `text`, which has one and no remark.
Condition Parse(absl::string_view text) {
  const auto result = ParseCondition(text);
  const auto* parsed = std::get_if<ParsedCondition>(&result);
  if (parsed == nullptr) {
    ADD_FAILURE() << text << ": " << std::get<TextError>(result).message;
    return {};
  }
  EXPECT_EQ(parsed->remark, std::nullopt) << text;
  return parsed->condition;
}

TextError ErrorOf(absl::string_view text) {
  const auto result = ParseCondition(text);
  const auto* error = std::get_if<TextError>(&result);
  if (error != nullptr) return *error;
  ADD_FAILURE() << text << " is a condition";
  return {};
}

bool HoldsText(absl::string_view text, const Variables& variables = {}) {
  return Holds(Parse(text), variables);
}

TEST(ParseCondition, ReadsValues) {
  EXPECT_EQ(Parse("${X}"), Variable("X"));
  EXPECT_EQ(Parse(" \t${_x9} \r\n"), Variable("_x9"));
  EXPECT_EQ(Parse("${X:-}"), Variable("X", ""));
  EXPECT_EQ(Parse("${X:-a && \"b}"), Variable("X", "a && \"b"));
  EXPECT_EQ(Parse("${X:-${Y:-z}!}"), Variable("X", "${Y:-z}!"));
  EXPECT_EQ(Parse("\"\""), Text(""));
  EXPECT_EQ(Parse(R"("a\"b\\c\d\\")"), Text("a\"b\\c\\d\\"));
  EXPECT_EQ(Parse("\"${X} && ( || == NOT\""), Text("${X} && ( || == NOT"));
  EXPECT_EQ(Parse("\"\xff\xc3\n\""), Text("\xff\xc3\n"));
  EXPECT_EQ(Parse(absl::string_view("\"\0\"", 3)), Text(std::string(1, '\0')));
}

TEST(ParseCondition, ReadsOperators) {
  const Condition a = Variable("A");
  const Condition b = Variable("B");
  const Condition c = Text("c");
  const Condition equal = Of(Kind::kEqual, {a, c});
  const struct {
    absl::string_view text;
    Condition condition;
  } kTable[] = {
      {"${A} == \"c\"", equal},
      {"${A}==\"c\"", equal},
      {"\"c\" != ${A}", Of(Kind::kNotEqual, {c, a})},
      {"${A}!=\"c\"", Of(Kind::kNotEqual, {a, c})},
      {"!${A}", Of(Kind::kNot, {a})},
      {"! ! ${A}", Of(Kind::kNot, {Of(Kind::kNot, {a})})},
      {"NOT ${A}", Of(Kind::kNot, {a})},
      {"NOT${A}", Of(Kind::kNot, {a})},
      {"NOT\"c\"", Of(Kind::kNot, {c})},
      {"NOT NOT(${A})", Of(Kind::kNot, {Of(Kind::kNot, {a})})},
      {"!(${A} == \"c\")", Of(Kind::kNot, {equal})},
      {"${A} && ${B} && \"c\"", Of(Kind::kAnd, {a, b, c})},
      {"${A}||${B}||\"c\"", Of(Kind::kOr, {a, b, c})},
      {"${A} || ${B} && \"c\"", Of(Kind::kOr, {a, Of(Kind::kAnd, {b, c})})},
      {"${A} && ${B} || \"c\"", Of(Kind::kOr, {Of(Kind::kAnd, {a, b}), c})},
      {"(${A} || ${B}) && \"c\"", Of(Kind::kAnd, {Of(Kind::kOr, {a, b}), c})},
      {"${A} && (${B} && \"c\")", Of(Kind::kAnd, {a, Of(Kind::kAnd, {b, c})})},
      {"${A} || (${B} || \"c\")", Of(Kind::kOr, {a, Of(Kind::kOr, {b, c})})},
      {"!${A} && ${B}", Of(Kind::kAnd, {Of(Kind::kNot, {a}), b})},
      {"${B} && ${A} == \"c\"", Of(Kind::kAnd, {b, equal})},
      {"(((${A})))", a},
  };
  for (const auto& [text, condition] : kTable) {
    EXPECT_EQ(Parse(text), condition) << text;
  }
}

TEST(ParseCondition, SaysWhatIsWrongAndWhere) {
  const struct {
    absl::string_view text;
    size_t offset;
    absl::string_view message;
  } kTable[] = {
      {"", 0, "empty"},
      {" \n", 0, "empty"},
      {"true", 0, "double quotes"},
      {"${A} == true", 8, "double quotes"},
      {"${A} == 'x'", 8, "double quotes"},
      {"NOTE", 0, "double quotes"},
      {"not ${A}", 0, "double quotes"},
      {"NOT", 3, "expected a condition"},
      {"!", 1, "expected a condition"},
      {"! = ${A}", 2, "expected a condition"},
      {"!= ${A}", 0, "expected a condition"},
      {"${A} &&", 7, "expected a condition"},
      {"${A} && || ${B}", 8, "expected a condition"},
      {"()", 1, "expected a condition"},
      {"\xff", 0, "expected a condition"},
      {"${A} ==", 7, "expected a value"},
      {"${A} == == ${B}", 8, "expected a value"},
      {"${A} == !${B}", 8, "expected a value"},
      {"${A} == (${B})", 8, "only values"},
      {"(${A}) == ${B}", 7, "only values"},
      {"!${A} == ${B}", 6, "!(A == B) or A != B"},
      {"NOT ${A} != ${B}", 9, "!(A == B) or A != B"},
      {"${A} == ${B} == ${C}", 13, "do not chain"},
      {"${A} == ${B} != ${C}", 13, "do not chain"},
      {"${A} = ${B}", 5, "== or !="},
      {"(${A} = ${B})", 6, "== or !="},
      {"${A} ${B}", 5, "&&, || or the end"},
      {"${A} & ${B}", 5, "&&, || or the end"},
      {"${A} AND ${B}", 5, "&&, || or the end"},
      {"${A})", 4, "&&, || or the end"},
      {"${A} (b", 5, "&&, || or the end"},
      {"${A} (b) c", 5, "&&, || or the end"},
      {"${A} && (${B} is set)", 14, "&&, || or )"},
      {"(${A} (b))", 6, "&&, || or )"},
      {"${A} && (${B}", 8, "( is not closed"},
      {"$A", 0, "${NAME}"},
      {"$", 0, "${NAME}"},
      {"${}", 0, "${NAME}"},
      {"${1}", 0, "${NAME}"},
      {"${A:=b}", 0, "${NAME}"},
      {"${A }", 0, "${NAME}"},
      {"${ ${A}}", 0, "${NAME}"},
      {"${A", 0, "${ is not closed"},
      {"${A:-${B}", 0, "${ is not closed"},
      {"\"${A}", 0, "quote is not closed"},
      {R"(${A} == "\")", 8, "quote is not closed"},
  };
  for (const auto& [text, offset, message] : kTable) {
    const TextError error = ErrorOf(text);
    EXPECT_EQ(error.offset, offset) << text << ": " << error.message;
    EXPECT_THAT(error.message, HasSubstr(std::string(message))) << text;
  }
}

TEST(ParseCondition, RepeatsNoControlCharacters) {
  for (int c = 0; c < 256; ++c) {
    const std::string byte(1, static_cast<char>(c));
    for (const std::string& text :
         {byte, "${A} " + byte, "${A" + byte, "(${A}" + byte, "!" + byte}) {
      const auto result = ParseCondition(text);
      const auto* error = std::get_if<TextError>(&result);
      if (error == nullptr) continue;
      for (const char in_message : error->message) {
        EXPECT_TRUE(absl::ascii_isprint(static_cast<unsigned char>(in_message)))
            << c;
      }
    }
  }
}

TEST(ParseCondition, LeavesARemarkOut) {
  const struct {
    absl::string_view text;
    size_t remark;
  } kTable[] = {
      {"${A} (if it is set)", 5}, {"${A}(x) ", 4},     {"${A} ()", 5},
      {"(${A}) (${B} is)", 7},    {"${A} (x (y))", 5}, {"${A} (\xff\n)", 5},
  };
  for (const auto& [text, remark] : kTable) {
    const auto result = ParseCondition(text);
    const auto* parsed = std::get_if<ParsedCondition>(&result);
    ASSERT_NE(parsed, nullptr) << text;
    EXPECT_EQ(parsed->condition, Variable("A")) << text;
    EXPECT_EQ(parsed->remark, remark) << text;
  }
}

TEST(ParseCondition, TakesNoConditionForARemark) {
  EXPECT_EQ(ErrorOf("${A} (${B})").offset, 5);
  EXPECT_EQ(ErrorOf("${A} (x) && (${B})").offset, 5);
  EXPECT_EQ(ErrorOf("${A} (x) (y)").offset, 5);
}

TEST(ParseCondition, RefusesAVariableInQuotes) {
  const TextError error = ErrorOf("${A} == \"${B}\"");
  EXPECT_EQ(error.offset, 8);
  EXPECT_THAT(error.message, HasSubstr("without quotes"));
}

TEST(ParseCondition, BoundsTheDepth) {
  for (const absl::string_view open : {"(", "!", "NOT ", "!("}) {
    const size_t count = open == "!(" ? 32 : 64;
    const absl::string_view close = open.back() == '(' ? ")" : "";
    const auto nested = [&](size_t n) {
      return Repeat(open, n) + "${A}" + Repeat(close, n);
    };
    const Condition condition = Parse(nested(count));
    EXPECT_EQ(Parse(FormatCondition(condition)), condition);
    const TextError error = ErrorOf(nested(count + 1));
    EXPECT_EQ(error.offset, count * open.size());
    EXPECT_THAT(error.message, HasSubstr("64"));
    // What is closed does not count.
    Parse(nested(count) + " && " + nested(count));
  }
}

TEST(ParseCondition, TakesAMebibyteInItsStride) {
  constexpr size_t kSize = 1 << 20;
  for (const absl::string_view text :
       {"(", "!", "NOT ", "\"", "${a:-", "${a", "$", "${a}&&(", "\"\"||!", " ",
        "${a} ", "\\", "=="}) {
    ErrorOf(Repeat(text, kSize / text.size()));
  }
  const size_t count = kSize / 8;
  EXPECT_EQ(Parse(Repeat("${a} && ", count) + "${a}").operands.size(),
            count + 1);
  EXPECT_EQ(Parse(Repeat("!\"\" || ", count) + "\"\"").operands.size(),
            count + 1);
  const std::string deep = Repeat("${a:-", count) + Repeat("}", count);
  EXPECT_EQ(FormatCondition(Parse(deep)), deep);
}

TEST(FormatCondition, HasOnlyTheParenthesesThatItNeeds) {
  const struct {
    absl::string_view text;
    absl::string_view formatted;
  } kTable[] = {
      {"((${A}))&&(${B}||${C:- d })", "${A} && (${B} || ${C:- d })"},
      {"(${A}&&${B})||${C}", "${A} && ${B} || ${C}"},
      {"(${A}&&${B})&&${C}", "(${A} && ${B}) && ${C}"},
      {"${A}||(${B}||${C})", "${A} || (${B} || ${C})"},
      {R"((${A}=="b")&&!(${C}!=""))", R"(${A} == "b" && !(${C} != ""))"},
      {"NOT(NOT ${A})", "!!${A}"},
      {"! ( ${A} && ${B} )", "!(${A} && ${B})"},
      {R"("\"\\\x")", R"("\"\\\\x")"},
  };
  for (const auto& [text, formatted] : kTable) {
    EXPECT_EQ(FormatCondition(Parse(text)), formatted);
  }
}

// Any condition that can be written, with `depth` levels at most.
Condition RandomCondition(std::mt19937& random, int depth) {
  const auto below = [&random](int n) {
    return std::uniform_int_distribution<int>(0, n - 1)(random);
  };
  const auto value = [&]() -> Condition {
    const std::string bytes[] = {"",     "a",      "\\", "\"",   "${X} ",
                                 " && ", "\xff\n", "(",  "\\\"", "{"};
    const std::string text = bytes[below(10)] + bytes[below(10)];
    if (below(3) == 0) return Variable("X");
    return below(2) == 0 ? Text(text) : Variable("Y_1", text);
  };
  switch (depth == 0 ? 0 : below(5)) {
    case 0:
      return value();
    case 1:
      return Of(below(2) == 0 ? Kind::kEqual : Kind::kNotEqual,
                {value(), value()});
    case 2:
      return Of(Kind::kNot, {RandomCondition(random, depth - 1)});
    default:
      break;
  }
  Condition list = Of(below(2) == 0 ? Kind::kAnd : Kind::kOr, {});
  for (int i = 2 + below(3); i > 0; --i) {
    list.operands.push_back(RandomCondition(random, depth - 1));
  }
  return list;
}

TEST(FormatCondition, IsReadBackAsTheSame) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same each time
  for (int i = 0; i < 20000; ++i) {
    const Condition condition = RandomCondition(random, i % 6);
    const std::string text = FormatCondition(condition);
    ASSERT_EQ(Parse(text), condition) << text;
    ASSERT_EQ(FormatCondition(Parse(text)), text);
  }
}

TEST(Holds, TakesAValueAloneForTrueUnlessItSaysNo) {
  for (const absl::string_view value : {"", "false", "0", "no"}) {
    EXPECT_FALSE(HoldsText("${A}", {{"A", std::string(value)}})) << value;
    EXPECT_FALSE(HoldsText(absl::StrCat("\"", value, "\""))) << value;
  }
  for (const absl::string_view value :
       {"true", "1", "yes", "False", "NO", "00", " ", "false ", "no\n"}) {
    EXPECT_TRUE(HoldsText("${A}", {{"A", std::string(value)}})) << value;
    EXPECT_TRUE(HoldsText(absl::StrCat("\"", value, "\""))) << value;
  }
  EXPECT_TRUE(HoldsText("${A}", {{"A", std::string(1, '\0')}}));
  EXPECT_FALSE(HoldsText("${A}"));
}

TEST(Holds, TakesTheFallbackWhereThereIsNoValue) {
  EXPECT_TRUE(HoldsText("${A:-x}"));
  EXPECT_TRUE(HoldsText("${A:-x} == \"x\"", {{"A", ""}}));
  EXPECT_TRUE(HoldsText("${A:-x} == \"y\"", {{"A", "y"}}));
  EXPECT_FALSE(HoldsText("${A:-x}", {{"A", "0"}}));
  EXPECT_TRUE(HoldsText("${A} == \"\""));
  EXPECT_TRUE(HoldsText("${A:-} == ${B}"));
  EXPECT_TRUE(HoldsText("${A:-${B}} != ${B}", {{"B", "b"}}));
}

TEST(Holds, Combines) {
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) {
      const Variables variables = {{"A", a ? "x" : ""}, {"B", b ? "x" : ""}};
      EXPECT_EQ(HoldsText("${A} && ${B}", variables), a && b);
      EXPECT_EQ(HoldsText("${A} || ${B}", variables), a || b);
      EXPECT_EQ(HoldsText("!${A}", variables), !a);
      EXPECT_EQ(HoldsText("${A} == ${B}", variables), a == b);
      EXPECT_EQ(HoldsText("${A} != ${B}", variables), a != b);
      EXPECT_EQ(HoldsText("!(${A} == ${B})", variables), a != b);
      EXPECT_EQ(HoldsText("!${A} || ${B} && ${A}", variables), !a || (b && a));
      EXPECT_EQ(HoldsText("(!${A} || ${B}) && ${A}", variables),
                (!a || b) && a);
    }
  }
}

TEST(Holds, F44_NoValueChangesWhatIsAsked) {
  const absl::string_view kTexts[] = {"${X} == \"true\"", "${X} && ${Y}",
                                      "!${X} || ${Y}", "${X} == ${Y}"};
  for (const std::string& value :
       {std::string("x\" == \"x"), std::string("\" || \"1"),
        std::string("true\""), std::string("${Y}"), std::string(" && "),
        std::string("1) || (1"), std::string("\\"), std::string("!"),
        std::string("\xff\0\n", 3)}) {
    const Variables variables = {{"X", value}, {"Y", "true"}};
    const bool expected[] = {false, true, true, false};
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(HoldsText(kTexts[i], variables), expected[i])
          << kTexts[i] << " with " << value;
    }
  }
  EXPECT_TRUE(HoldsText("${X} == \"true\"", {{"X", "true"}}));
  EXPECT_FALSE(HoldsText("${X} == \"true\"", {{"X", "any text"}}));
  EXPECT_TRUE(HoldsText("${X} == \"${Y} \"", {{"X", "${Y} "}, {"Y", "y"}}));
}

TEST(VariablesIn, ListsThemAllInOrder) {
  EXPECT_THAT(VariablesIn(Parse("${B} && (!${A:-a} || \"${C} \" == ${B})")),
              ElementsAre(VariableUse{.name = "B"},
                          VariableUse{.name = "A", .fallback = "a"},
                          VariableUse{.name = "B"}));
  EXPECT_THAT(VariablesIn(Parse("\"x\"")), ElementsAre());
}

}  // namespace
}  // namespace csa
