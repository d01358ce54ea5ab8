#include "tools/plan/step_outcome.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/os/file.h"

namespace csa {
namespace {

constexpr absl::string_view kMark = "CSA_VAR:";
constexpr size_t kPart = 64 * 1024;

// `output` without the lines that set variables.
std::string WithoutVariables(absl::string_view output) {
  std::vector<absl::string_view> lines = absl::StrSplit(output, '\n');
  std::erase_if(lines, [](absl::string_view line) {
    return absl::StartsWith(line, kMark);
  });
  return absl::StrJoin(lines, "\n");
}

// Looks for variables in an output that comes in parts.
class VariableScanner {
 public:
  VariableScanner(const std::set<std::string>& mentioned,
                  PlanVariables& variables, std::vector<std::string>& notices)
      : mentioned_(mentioned), variables_(variables), notices_(notices) {}

  void Read(absl::string_view part) {
    while (!part.empty()) {
      const size_t end = part.find('\n');
      const absl::string_view piece = part.substr(0, end);
      // What is no such line, or too long for one, is not kept.
      if (line_.size() < kMark.size() ||
          (absl::StartsWith(line_, kMark) &&
           line_.size() <= kMark.size() + kMaxEnvironmentBytes)) {
        absl::StrAppend(&line_, piece);
      }
      if (end == absl::string_view::npos) return;
      Take();
      part.remove_prefix(end + 1);
    }
  }

  // Takes the line that has been read, which may be the last one.
  void Take() {
    const std::string line = std::exchange(line_, "");
    absl::string_view text = line;
    if (!absl::ConsumePrefix(&text, kMark)) return;
    const size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    const auto refuse = [&](absl::string_view reason) {
      Note(
          absl::StrCat(kMark, name.substr(0, 100), " is not obeyed: ", reason));
    };
    if (equals == absl::string_view::npos) return refuse("it has no '='");
    if (!IsVariableName(name) || IsReservedVariable(name)) {
      return refuse("no step may set that");
    }
    if (!mentioned_.contains(name)) return refuse("no step mentions it");
    if (text.size() > kMaxEnvironmentBytes) {
      return refuse("the value is too long");
    }
    variables_.Set(name, std::string(text.substr(equals + 1)));
  }

  // Says how many lines were not told of.
  void Finish() {
    Take();
    if (untold_ == 0) return;
    notices_.push_back(
        absl::StrCat(untold_, " more lines ", kMark, " are not obeyed"));
  }

 private:
  // Each is told of once, and few of them: there may be millions.
  void Note(std::string notice) {
    if (std::find(notices_.begin(), notices_.end(), notice) != notices_.end() ||
        notices_.size() >= kMostNotices) {
      ++untold_;
    } else {
      notices_.push_back(std::move(notice));
    }
  }

  static constexpr size_t kMostNotices = 10;

  size_t untold_ = 0;
  const std::set<std::string>& mentioned_;
  PlanVariables& variables_;
  std::vector<std::string>& notices_;
  std::string line_;
};

}  // namespace

absl::Status ReadOutcome(const Step& step, const SessionDirectory& session,
                         int exit_code, const std::set<std::string>& mentioned,
                         PlanVariables& variables,
                         std::vector<std::string>& notices) {
  const std::string prefix = absl::StrCat("STEP_", step.id);
  const std::string output_name = absl::StrCat(prefix, "_OUTPUT");
  variables.Set(absl::StrCat(prefix, "_SESSION"), session.id().text());
  variables.Set(absl::StrCat(prefix, "_EXIT"), absl::StrCat(exit_code));
  const bool keeps_output = mentioned.contains(output_name);
  const bool sets_variables = KindOf(step) == StepKind::kBash;
  variables.Unset(output_name);
  if (!keeps_output && !sets_variables) return absl::OkStatus();
  CSA_ASSIGN_OR_RETURN(const std::optional<UniqueFd> log,
                       session.OpenLog(kStdoutFile));
  if (!log.has_value()) {
    return absl::DataLossError(absl::StrCat("the output of step ", step.id,
                                            " is gone: there is no ",
                                            session.PathOf(kStdoutFile)));
  }
  std::string output;
  size_t size = 0;
  VariableScanner scanner(mentioned, variables, notices);
  while (true) {
    CSA_ASSIGN_OR_RETURN(const std::string part, ReadPart(log->get(), kPart));
    if (part.empty()) break;
    size += part.size();
    if (sets_variables) scanner.Read(part);
    if (keeps_output && size <= kMaxOutputBytes) output += part;
  }
  if (sets_variables) scanner.Finish();
  if (!keeps_output) return absl::OkStatus();
  if (size > kMaxOutputBytes) {
    variables.SetUnusable(output_name,
                          absl::StrCat("it has ", size, " bytes, more than ",
                                       kMaxOutputBytes >> 20, " MiB: read ",
                                       session.PathOf(kStdoutFile)));
    return absl::OkStatus();
  }
  if (sets_variables) output = WithoutVariables(output);
  output.erase(output.find_last_not_of('\n') + 1);
  variables.Set(output_name, std::move(output));
  return absl::OkStatus();
}

}  // namespace csa
