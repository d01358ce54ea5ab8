#include "common/workflow/condition.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace csa {
namespace {

using Kind = Condition::Kind;

constexpr int kDeepest = 64;

// None quotes the text: a place says it, and there may be anything there.
constexpr absl::string_view kEmpty = "the condition is empty";
constexpr absl::string_view kNoCondition =
    "expected a condition: ${NAME}, \"text\", !A or (A)";
constexpr absl::string_view kNoValue = "expected a value: ${NAME} or \"text\"";
constexpr absl::string_view kBareWord =
    "text stands in double quotes: \"text\"";
constexpr absl::string_view kNoVariable =
    "a variable is ${NAME} or ${NAME:-fallback}, and nothing else";
constexpr absl::string_view kOpenVariable = "this ${ is not closed";
constexpr absl::string_view kQuotedVariable =
    "a variable stands without quotes: ${NAME}, not \"${NAME}\"";
constexpr absl::string_view kOpenText = "this quote is not closed";
constexpr absl::string_view kOpenParenthesis = "this ( is not closed";
constexpr absl::string_view kTooDeep =
    "this is open within 64 other parentheses and negations";
constexpr absl::string_view kNegatedComparison =
    "a ! before a comparison has two meanings: write !(A == B) or A != B";
constexpr absl::string_view kChain =
    "comparisons do not chain: write A == B && B == C";
constexpr absl::string_view kComparedCondition =
    "only values are compared, not conditions in parentheses";
constexpr absl::string_view kOneEqual = "values are compared with == or !=";
constexpr absl::string_view kNoEnd = "expected &&, || or the end";
constexpr absl::string_view kNoParenthesis = "expected &&, || or )";

bool IsBlank(char c) {
  return absl::ascii_isspace(static_cast<unsigned char>(c));
}

// The length of the ${…} that `text` begins with; npos if it has no end.
size_t LengthInBraces(absl::string_view text) {
  size_t open = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}' && --open == 0) return i + 1;
    if (absl::StartsWith(text.substr(i), "${")) {
      ++open;
      ++i;
    }
  }
  return text.npos;
}

// Whether `text` is all in one pair of parentheses.
bool IsInParentheses(absl::string_view text) {
  size_t open = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++open;
    if (text[i] == ')' && open > 0) --open;
    if (open == 0) return i > 0 && i + 1 == text.size();
  }
  return false;
}

// By recursive descent. Where a function returns nothing, the error is set.
class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) { Skip(0); }

  std::variant<ParsedCondition, TextError> Parse() {
    if (AtEnd()) return TextError{0, std::string(kEmpty)};
    std::optional<Condition> condition = ParseList(Kind::kOr);
    if (!condition.has_value()) return error_;
    ParsedCondition parsed = {*std::move(condition), std::nullopt};
    if (AtEnd()) return parsed;
    const absl::string_view rest =
        absl::StripAsciiWhitespace(text_.substr(position_));
    // A condition is no remark: an operator is missing before it.
    if (!IsInParentheses(rest) || Parser(rest).IsCondition()) {
      FailAtOperator(kNoEnd);
      return error_;
    }
    parsed.remark = position_;
    return parsed;
  }

  // Whether all of the text is one condition.
  bool IsCondition() { return ParseList(Kind::kOr).has_value() && AtEnd(); }

 private:
  bool AtEnd() const { return position_ == text_.size(); }

  bool Sees(absl::string_view token) const {
    return absl::StartsWith(text_.substr(position_), token);
  }

  bool SeesComparison() const { return Sees("==") || Sees("!="); }

  // Goes on behind `length` bytes and the blanks that follow them.
  void Skip(size_t length) {
    position_ += length;
    while (!AtEnd() && IsBlank(text_[position_])) ++position_;
  }

  bool Take(absl::string_view token) {
    const bool sees = Sees(token);
    if (sees) Skip(token.size());
    return sees;
  }

  bool TakeNegation() {
    constexpr absl::string_view kWord = "NOT";
    if (Sees("!=")) return false;
    if (Take("!")) return true;
    const size_t end = position_ + kWord.size();
    if (end < text_.size() && IsVariableCharacter(text_[end])) return false;
    return Take(kWord);
  }

  std::nullopt_t Fail(size_t offset, absl::string_view message) {
    error_ = {offset, std::string(message)};
    return std::nullopt;
  }

  // Where an operator or the end is expected.
  std::nullopt_t FailAtOperator(absl::string_view expected) {
    return Fail(position_, Sees("=") ? kOneEqual : expected);
  }

  // One level of the grammar: operands with && or || between them.
  std::optional<Condition> ParseList(Kind kind) {
    const bool is_or = kind == Kind::kOr;
    Condition list = {.kind = kind};
    do {
      std::optional<Condition> operand =
          is_or ? ParseList(Kind::kAnd) : ParseNegations();
      if (!operand.has_value()) return std::nullopt;
      list.operands.push_back(*std::move(operand));
    } while (Take(is_or ? "||" : "&&"));
    if (list.operands.size() > 1) return list;
    Condition only = std::move(list.operands.front());
    return only;
  }

  std::optional<Condition> ParseNegations() {
    int count = 0;
    for (size_t offset = position_; TakeNegation(); offset = position_) {
      ++count;
      if (++depth_ > kDeepest) return Fail(offset, kTooDeep);
    }
    std::optional<Condition> condition =
        Sees("(") ? ParseParentheses() : ParseComparison(count > 0);
    if (!condition.has_value()) return std::nullopt;
    depth_ -= count;
    for (; count > 0; --count) {
      Condition negation = {.kind = Kind::kNot};
      negation.operands.push_back(*std::move(condition));
      condition = std::move(negation);
    }
    return condition;
  }

  std::optional<Condition> ParseParentheses() {
    const size_t offset = position_;
    if (++depth_ > kDeepest) return Fail(offset, kTooDeep);
    Skip(1);
    std::optional<Condition> condition = ParseList(Kind::kOr);
    if (!condition.has_value()) return std::nullopt;
    if (AtEnd()) return Fail(offset, kOpenParenthesis);
    if (!Take(")")) return FailAtOperator(kNoParenthesis);
    --depth_;
    if (SeesComparison()) return Fail(position_, kComparedCondition);
    return condition;
  }

  std::optional<Condition> ParseComparison(bool is_negated) {
    std::optional<Condition> left = ParseValue(kNoCondition);
    if (!left.has_value() || !SeesComparison()) return left;
    if (is_negated) return Fail(position_, kNegatedComparison);
    Condition comparison;
    comparison.kind = Take("==") ? Kind::kEqual : Kind::kNotEqual;
    if (comparison.kind == Kind::kNotEqual) Take("!=");
    std::optional<Condition> right =
        ParseValue(Sees("(") ? kComparedCondition : kNoValue);
    if (!right.has_value()) return std::nullopt;
    if (SeesComparison()) return Fail(position_, kChain);
    comparison.operands.push_back(*std::move(left));
    comparison.operands.push_back(*std::move(right));
    return comparison;
  }

  std::optional<Condition> ParseValue(absl::string_view expected) {
    if (Sees("\"")) return ParseText();
    if (Sees("$")) return ParseVariable();
    const bool is_word = !AtEnd() && (IsVariableCharacter(text_[position_]) ||
                                      text_[position_] == '\'');
    return Fail(position_, is_word ? kBareWord : expected);
  }

  std::optional<Condition> ParseVariable() {
    if (!Sees("${")) return Fail(position_, kNoVariable);
    const size_t length = LengthInBraces(text_.substr(position_));
    if (length == text_.npos) return Fail(position_, kOpenVariable);
    std::optional<VariableUse> use =
        AsVariable(text_.substr(position_, length));
    if (!use.has_value()) return Fail(position_, kNoVariable);
    Skip(length);
    return Condition{
        Kind::kVariable, std::move(use->name), std::move(use->fallback), {}};
  }

  std::optional<Condition> ParseText() {
    Condition value = {.kind = Kind::kText};
    for (size_t i = position_ + 1; i < text_.size(); ++i) {
      if (text_[i] == '"') {
        if (AsVariable(value.text).has_value()) {
          return Fail(position_, kQuotedVariable);
        }
        Skip(i + 1 - position_);
        return value;
      }
      const absl::string_view rest = text_.substr(i);
      if (absl::StartsWith(rest, "\\\"") || absl::StartsWith(rest, "\\\\")) ++i;
      value.text.push_back(text_[i]);
    }
    return Fail(position_, kOpenText);
  }

  absl::string_view text_;
  size_t position_ = 0;  // no blank is there
  int depth_ = 0;        // parentheses and negations that are open
  TextError error_;
};

void AppendCondition(const Condition& condition, std::string& text);

// `condition` as an operand of something that binds as `outer` does.
void AppendOperand(const Condition& condition, Kind outer, std::string& text) {
  const Kind kind = condition.kind;
  const bool is_comparison = kind == Kind::kEqual || kind == Kind::kNotEqual;
  const bool needs_parentheses = kind == Kind::kOr ||
                                 (kind == Kind::kAnd && outer != Kind::kOr) ||
                                 (is_comparison && outer == Kind::kNot);
  if (needs_parentheses) text.push_back('(');
  AppendCondition(condition, text);
  if (needs_parentheses) text.push_back(')');
}

void AppendOperands(const Condition& condition, absl::string_view separator,
                    std::string& text) {
  absl::string_view before;
  for (const Condition& operand : condition.operands) {
    absl::StrAppend(&text, before);
    AppendOperand(operand, condition.kind, text);
    before = separator;
  }
}

void AppendText(absl::string_view value, std::string& text) {
  text.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  text.push_back('"');
}

void AppendCondition(const Condition& condition, std::string& text) {
  switch (condition.kind) {
    case Kind::kVariable:
      absl::StrAppend(&text, "${", condition.text);
      if (condition.fallback.has_value()) {
        absl::StrAppend(&text, ":-", *condition.fallback);
      }
      text.push_back('}');
      return;
    case Kind::kText:
      return AppendText(condition.text, text);
    case Kind::kEqual:
      return AppendOperands(condition, " == ", text);
    case Kind::kNotEqual:
      return AppendOperands(condition, " != ", text);
    case Kind::kNot:
      text.push_back('!');
      return AppendOperands(condition, "", text);
    case Kind::kAnd:
      return AppendOperands(condition, " && ", text);
    case Kind::kOr:
      return AppendOperands(condition, " || ", text);
  }
}

absl::string_view ValueOf(const Condition& value, const Variables& variables) {
  if (value.kind == Kind::kText) return value.text;
  const auto variable = variables.find(value.text);
  if (variable != variables.end() && !variable->second.empty()) {
    return variable->second;
  }
  return value.fallback.has_value() ? absl::string_view(*value.fallback) : "";
}

void AppendVariables(const Condition& condition,
                     std::vector<VariableUse>& uses) {
  if (condition.kind == Kind::kVariable) {
    uses.push_back({condition.text, condition.fallback});
  }
  for (const Condition& operand : condition.operands) {
    AppendVariables(operand, uses);
  }
}

}  // namespace

std::variant<ParsedCondition, TextError> ParseCondition(
    absl::string_view text) {
  return Parser(text).Parse();
}

std::string FormatCondition(const Condition& condition) {
  std::string text;
  AppendCondition(condition, text);
  return text;
}

bool Holds(const Condition& condition, const Variables& variables) {
  const auto holds = [&variables](const Condition& operand) {
    return Holds(operand, variables);
  };
  const std::vector<Condition>& operands = condition.operands;
  switch (condition.kind) {
    case Kind::kVariable:
    case Kind::kText: {
      const absl::string_view value = ValueOf(condition, variables);
      return !value.empty() && value != "false" && value != "0" &&
             value != "no";
    }
    case Kind::kEqual:
      return ValueOf(operands[0], variables) == ValueOf(operands[1], variables);
    case Kind::kNotEqual:
      return ValueOf(operands[0], variables) != ValueOf(operands[1], variables);
    case Kind::kNot:
      return !holds(operands[0]);
    case Kind::kAnd:
      return std::all_of(operands.begin(), operands.end(), holds);
    case Kind::kOr:
      return std::any_of(operands.begin(), operands.end(), holds);
  }
  return false;
}

std::vector<VariableUse> VariablesIn(const Condition& condition) {
  std::vector<VariableUse> uses;
  AppendVariables(condition, uses);
  return uses;
}

}  // namespace csa
