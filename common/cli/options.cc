#include "common/cli/options.h"

#include <algorithm>
#include <map>
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

absl::Status UnknownOption(absl::string_view option) {
  std::vector<std::string> names;
  for (const auto& [name, flag] : VisibleOptions()) names.push_back(name);
  const std::string nearest = Nearest(option, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown option ", option,
      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

absl::Status SetOption(absl::CommandLineFlag& flag, std::string value) {
  // Mostly a variable of a script that is not set. What would it mean?
  if (value.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToOption(flag.Name()), ": the value is empty"));
  }
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
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(*argument, absl::MaxSplits('=', 1));
    const std::string& option = parts.first;
    const bool has_value = absl::StrContains(*argument, '=');
    absl::CommandLineFlag* const flag =
        option == "-h" ? absl::FindCommandLineFlag("help")
        : absl::StartsWith(option, "--")
            ? absl::FindCommandLineFlag(
                  absl::StrReplaceAll(option.substr(2), {{"-", "_"}}))
            : nullptr;
    if (flag == nullptr) return UnknownOption(option);
    std::string value = parts.second;
    if (!has_value && flag->IsOfType<bool>()) {
      value = "true";
    } else if (!has_value) {
      if (++argument == arguments.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat(option, " needs a value"));
      }
      value = *argument;
    }
    CSA_RETURN_IF_ERROR(SetOption(*flag, std::move(value)));
  }
  return operands;
}

std::string DescribeOptions() {
  constexpr int kColumn = 28;
  std::string lines;
  for (const auto& [option, flag] : VisibleOptions()) {
    const std::string help = flag->Help();
    std::pair<std::string, std::string> parts =
        absl::StrSplit(help, absl::MaxSplits('|', 1));
    const bool takes_value = !flag->IsOfType<bool>();
    const std::string usage =
        takes_value ? absl::StrCat(option, " ", parts.first) : option;
    absl::StrAppendFormat(&lines, "%s  %-*s%s", lines.empty() ? "" : "\n",
                          kColumn, usage, takes_value ? parts.second : help);
  }
  return lines;
}

}  // namespace csa
