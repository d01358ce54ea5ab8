#include "common/cli/options.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/cli/nearest.h"

namespace csa {
namespace {

// Abseil as Debian builds it looks for deadlocks at every lock, by a table of
// 30 KiB that it fills at the first one. The first one is taken before main, by
// an option that registers itself; this runs before that. A tool has one
// thread.
[[gnu::constructor(101)]] void LookForNoDeadlocks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

std::string ToOption(absl::string_view flag) {
  return absl::StrCat("--", absl::StrReplaceAll(flag, {{"_", "-"}}));
}

// The options that users are told of, by name.
std::map<std::string, const absl::CommandLineFlag*> VisibleOptions() {
  std::map<std::string, const absl::CommandLineFlag*> visible;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (!flag->Help().empty()) visible.emplace(ToOption(name), flag);
  }
  return visible;
}

// The help text of an option, taken apart.
struct Help {
  std::string short_form;  // "-n", or empty
  std::string value;       // its name; empty for a bool
  std::string text;
};

Help HelpOf(const absl::CommandLineFlag& flag) {
  Help help = {.text = flag.Help()};
  if (absl::StartsWith(help.text, "-")) {
    help.short_form = help.text.substr(0, 2);
    help.text.erase(0, 3);
  }
  if (flag.IsOfType<bool>()) return help;
  const size_t end = help.text.find('|');
  help.value = help.text.substr(0, end);
  help.text.erase(0, end + 1);
  return help;
}

// What a command line gives: "--name=value", or "-nvalue" with the name "-n".
struct Given {
  std::string name;
  std::optional<std::string> value;
};

Given TakeApart(const std::string& argument) {
  const bool is_short = !absl::StartsWith(argument, "--");
  const size_t end = is_short ? std::min<size_t>(argument.size(), 2)
                              : std::min(argument.find('='), argument.size());
  Given given = {.name = argument.substr(0, end), .value = std::nullopt};
  const size_t begin = is_short ? end : end + 1;
  if (end < argument.size()) given.value = argument.substr(begin);
  return given;
}

bool StandsAlone(const absl::CommandLineFlag& flag) {
  return flag.IsOfType<bool>() || flag.IsOfType<OptionalValue>();
}

absl::CommandLineFlag* FindOption(const std::string& name) {
  if (name == "-h") return absl::FindCommandLineFlag("help");
  if (absl::StartsWith(name, "--")) {
    return absl::FindCommandLineFlag(
        absl::StrReplaceAll(name.substr(2), {{"-", "_"}}));
  }
  for (const auto& [flag_name, flag] : absl::GetAllFlags()) {
    if (HelpOf(*flag).short_form == name) return flag;
  }
  return nullptr;
}

absl::Status UnknownOption(absl::string_view option) {
  std::vector<std::string> names;
  for (const auto& [name, flag] : VisibleOptions()) names.push_back(name);
  const std::string nearest = Nearest(option, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown option ", option,
      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

absl::Status SetOption(absl::CommandLineFlag& flag, std::string value) {
  // ParseFrom replaces what was there: a repeated option keeps it in front.
  if (flag.IsOfType<RepeatedOption>()) {
    value =
        absl::StrCat(flag.CurrentValue(), value, absl::string_view("\0", 1));
  }
  std::string error;
  if (flag.ParseFrom(value, &error)) return absl::OkStatus();
  // Abseil puts this before the reason that AbslParseFlag gave, if it did.
  absl::string_view reason = error;
  absl::ConsumePrefix(
      &reason, absl::StrCat("Illegal value '", value, "' specified for flag '",
                            flag.Name(), "'; "));
  // Abseil's own types give none.
  if (absl::StartsWith(reason, "Illegal value ")) {
    return absl::InvalidArgumentError(absl::StrCat(
        ToOption(flag.Name()), ": '", value, "' is no ", HelpOf(flag).value));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(ToOption(flag.Name()), ": ", reason));
}

}  // namespace

bool AbslParseFlag(absl::string_view text, RepeatedOption* option,
                   std::string* /*error*/) {
  absl::ConsumeSuffix(&text, absl::string_view("\0", 1));
  option->values = absl::StrSplit(text, '\0');
  return true;
}

std::string AbslUnparseFlag(const RepeatedOption& option) {
  std::string text;
  for (const std::string& value : option.values) {
    absl::StrAppend(&text, value, absl::string_view("\0", 1));
  }
  return text;
}

bool AbslParseFlag(absl::string_view text, OptionalValue* option,
                   std::string* /*error*/) {
  *option = {.given = true, .value = std::string(text)};
  return true;
}

std::string AbslUnparseFlag(const OptionalValue& option) {
  return option.value;
}

absl::StatusOr<std::vector<std::string>> ParseOptions(
    const std::vector<std::string>& arguments, OptionOrder order) {
  std::vector<std::string> operands;
  for (auto argument = arguments.begin(); argument != arguments.end();
       ++argument) {
    if (*argument == "--") {
      operands.insert(operands.end(), argument + 1, arguments.end());
      break;
    }
    if (*argument == "-" || !absl::StartsWith(*argument, "-")) {
      if (order == OptionOrder::kBeforeOperands) {
        operands.insert(operands.end(), argument, arguments.end());
        break;
      }
      operands.push_back(*argument);
      continue;
    }
    Given given = TakeApart(*argument);
    absl::CommandLineFlag* const flag = FindOption(given.name);
    if (flag == nullptr) {
      return UnknownOption(absl::StartsWith(given.name, "--") ? given.name
                                                              : *argument);
    }
    if (!given.value.has_value() && StandsAlone(*flag)) {
      CSA_RETURN_IF_ERROR(
          SetOption(*flag, flag->IsOfType<bool>() ? "true" : ""));
      continue;
    }
    if (!given.value.has_value()) {
      if (++argument == arguments.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat(given.name, " needs a value"));
      }
      given.value = *argument;
    }
    // Mostly a variable of a script that is not set. What would it mean?
    if (given.value->empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(ToOption(flag->Name()), ": the value is empty"));
    }
    CSA_RETURN_IF_ERROR(SetOption(*flag, *std::move(given.value)));
  }
  return operands;
}

std::string DescribeOptions() {
  constexpr int kColumn = 28;
  std::string lines;
  for (const auto& [option, flag] : VisibleOptions()) {
    const Help help = HelpOf(*flag);
    const bool apart = !help.value.empty() && help.value[0] != '[';
    const std::string usage =
        absl::StrCat(help.short_form, help.short_form.empty() ? "" : ", ",
                     option, apart ? " " : "", help.value);
    absl::StrAppendFormat(&lines, "%s  %-*s%s", lines.empty() ? "" : "\n",
                          kColumn, usage, help.text);
  }
  return lines;
}

}  // namespace csa
