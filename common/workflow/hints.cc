#include "common/workflow/hints.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/string_view.h"
#include "common/cli/duration.h"
#include "common/cli/nearest.h"
#include "common/workflow/variables.h"
#include "re2/re2.h"

namespace csa {
namespace {

constexpr int kDefaultRetries = 3;

bool IsToolName(absl::string_view text) {
  static const re2::RE2 pattern("[A-Za-z0-9_][A-Za-z0-9_.-]*");
  return re2::RE2::FullMatch(ToStd(text), pattern);
}

std::optional<FailAction> ParseFailAction(absl::string_view text) {
  const std::vector<std::string> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  const std::string first = absl::AsciiStrToLower(words[0]);
  if (first == "abort" && words.size() == 1) return FailAction();
  if (first == "skip" && words.size() == 1) {
    return FailAction{.kind = FailAction::Kind::kSkip};
  }
  if (first == "delegate" && words.size() == 2 && IsToolName(words[1])) {
    return FailAction{.kind = FailAction::Kind::kDelegate, .tool = words[1]};
  }
  int retries = kDefaultRetries;
  if (first == "retry" && words.size() <= 2 &&
      (words.size() == 1 || absl::SimpleAtoi(words[1], &retries)) &&
      retries >= 1 && retries <= kMostRetries) {
    return FailAction{.kind = FailAction::Kind::kRetry, .retries = retries};
  }
  return std::nullopt;
}

// What is to be said of a hint's value.
struct Remark {
  std::string message;   // "": nothing
  size_t offset = 0;     // of what it is about, in the value
  bool is_fault = true;  // the hint cannot be understood
};

// Each of these fills in what a hint says.

Remark ReadTool(absl::string_view value, PatternNode& step) {
  if (!IsToolName(value)) {
    return {"a tool is one word: bash, csa, manual, codex"};
  }
  step.tool = std::string(value);
  return {};
}

Remark ReadTier(absl::string_view value, PatternNode& step) {
  if (!IsToolName(value) && !AsVariable(value).has_value()) {
    return {"a tier is one word or ${NAME}"};
  }
  step.tier = std::string(value);
  return {};
}

Remark ReadOnFail(absl::string_view value, PatternNode& step) {
  std::optional<FailAction> action = ParseFailAction(value);
  if (!action.has_value()) {
    return {absl::StrCat("it can be abort, skip, retry N (1 to ", kMostRetries,
                         ") or delegate TOOL")};
  }
  step.on_fail = *std::move(action);
  return {};
}

Remark ReadSession(absl::string_view value, PatternNode& step) {
  if (!AsVariable(value).has_value()) {
    return {"a session is a variable, such as ${STEP_1_SESSION}"};
  }
  step.session = std::string(value);
  return {};
}

Remark ReadMaxIterations(absl::string_view value, PatternNode& step) {
  int number = 0;
  if (!absl::SimpleAtoi(value, &number) || number < 1 ||
      number > kMostIterations) {
    return {absl::StrCat("it can be 1 to ", kMostIterations)};
  }
  step.max_iterations = number;
  return {};
}

Remark ReadTimeout(absl::string_view value, PatternNode& step) {
  const absl::StatusOr<absl::Duration> timeout = ParseTimeout(value);
  if (!timeout.ok()) return {std::string(timeout.status().message())};
  // What workflow.toml can hold.
  if (*timeout < absl::Milliseconds(1) || *timeout > kLongestTimeout) {
    return {"it can be 1ms to 36500d"};
  }
  step.timeout = absl::Trunc(*timeout, absl::Milliseconds(1));
  return {};
}

Remark ReadCondition(absl::string_view value, PatternNode& step) {
  std::variant<ParsedCondition, TextError> parsed = ParseCondition(value);
  if (const auto* error = std::get_if<TextError>(&parsed); error != nullptr) {
    return {error->message, error->offset};
  }
  auto& condition = std::get<ParsedCondition>(parsed);
  step.own_condition = std::move(condition.condition);
  if (!condition.remark.has_value()) return {};
  return {"this is no condition, and left out", *condition.remark, false};
}

struct Hint {
  absl::string_view name;
  Remark (*read)(absl::string_view value, PatternNode& step);
};

constexpr Hint kHints[] = {
    {"Tool", ReadTool},           {"Tier", ReadTier},
    {"OnFail", ReadOnFail},       {"Session", ReadSession},
    {"Condition", ReadCondition}, {"MaxIterations", ReadMaxIterations},
    {"Timeout", ReadTimeout},
};

// The hint that `line` may be; null for any other line.
const Hint* HintOf(absl::string_view line) {
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return nullptr;
  for (const Hint& hint : kHints) {
    if (absl::EqualsIgnoreCase(line.substr(0, colon), hint.name)) return &hint;
  }
  return nullptr;
}

// The hint that a line like "Timout: 5m" may be meant for; "" where none is.
std::string HintMeantBy(absl::string_view line) {
  static const re2::RE2 form("([A-Z][A-Za-z]+):.*");
  std::string word;
  if (!re2::RE2::FullMatch(ToStd(line), form, &word)) return "";
  std::vector<std::string> names;
  for (const Hint& hint : kHints) names.emplace_back(hint.name);
  return Nearest(word, names);
}

// Whether hints may stand behind `line`, which is none.
bool MayPrecedeHints(absl::string_view line) {
  const absl::string_view content = absl::StripLeadingAsciiWhitespace(line);
  return content.empty() || content[0] == '>';
}

// Reads `line`, which gives `hint`, and says what is odd about it. Whether it
// was understood: text is what was not. `is_repeated`: the step has this hint
// already.
bool ReadHint(absl::string_view file, const SourceLine& line, const Hint& hint,
              bool is_repeated, PatternNode& step, Diagnostics& diagnostics) {
  const absl::string_view value =
      absl::StripAsciiWhitespace(line.text.substr(line.text.find(':') + 1));
  const Remark remark = is_repeated
                            ? Remark{"it stands here for the second time"}
                        : value.empty() ? Remark{"it has no value"}
                                        : hint.read(value, step);
  if (remark.message.empty()) return true;
  const size_t begin =
      value.empty() ? line.text.size()
                    : static_cast<size_t>(value.data() - line.text.data());
  diagnostics.Add(
      Diagnostic::Severity::kWarning, file, line.number, line.text,
      begin + remark.offset,
      remark.is_fault
          ? absl::StrCat(hint.name, " is taken for text: ", remark.message)
          : remark.message);
  return !remark.is_fault;
}

// Warns of a line of text that may be meant for a hint.
void WarnOfMisspelledHint(absl::string_view file, const SourceLine& line,
                          Diagnostics& diagnostics) {
  const std::string meant = HintMeantBy(line.text);
  if (meant.empty()) return;
  diagnostics.Add(
      Diagnostic::Severity::kWarning, file, line.number, line.text, 0,
      absl::StrCat("this is taken for text: did you mean ", meant, "?"));
}

}  // namespace

void ReadHints(absl::string_view file, const std::vector<SourceLine>& body,
               PatternNode& step, Diagnostics& diagnostics) {
  std::vector<absl::string_view> prompt;
  std::set<absl::string_view> given;
  bool among_hints = true;
  for (const SourceLine& line : body) {
    const Hint* const hint = among_hints ? HintOf(line.text) : nullptr;
    if (hint != nullptr) {
      const bool is_repeated = !given.insert(hint->name).second;
      if (ReadHint(file, line, *hint, is_repeated, step, diagnostics)) continue;
    } else if (among_hints) {
      WarnOfMisspelledHint(file, line, diagnostics);
      among_hints = MayPrecedeHints(line.text);
    }
    const bool is_blank = absl::StripAsciiWhitespace(line.text).empty();
    if (!is_blank || !prompt.empty()) prompt.push_back(line.text);
  }
  // What the first line is indented by is part of what it says.
  step.prompt = absl::StrJoin(prompt, "\n");
  absl::StripTrailingAsciiWhitespace(&step.prompt);
}

}  // namespace csa
