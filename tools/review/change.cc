#include "tools/review/change.h"

#include <sys/wait.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/cli/exit_status.h"
#include "common/cli/tool.h"
#include "common/os/capture.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"

namespace csa {
namespace {

// More names than anybody has untracked files.
constexpr size_t kMaxNamesBytes = size_t{64} << 20;

// git, so that it executes nothing that the repository names.
absl::StatusOr<Captured> Git(const std::vector<std::string>& arguments,
                             size_t limit) {
  std::vector<std::string> argv = {"git", "-c", "core.fsmonitor=false",
                                   "--no-pager"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  absl::StatusOr<Captured> captured = Capture(argv, "", limit);
  if (!captured.ok()) return WithExecutionStatus(captured.status());
  return captured;
}

bool Succeeded(const Captured& captured) {
  return captured.cut || captured.wait_status == 0;
}

absl::Status GitFailed(absl::string_view command) {
  return absl::FailedPreconditionError(absl::StrCat(
      "git ", command, " failed: what it says is above. Is this a repository, ",
      "and is the name right?"));
}

// The options of a diff that is meant for reading.
std::vector<std::string> Plain(std::string command,
                               const std::vector<std::string>& rest) {
  std::vector<std::string> arguments = {std::move(command), "--no-ext-diff",
                                        "--no-textconv", "--no-color"};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  return arguments;
}

// Ends `change` with a whole line, and within kMaxChangeBytes.
absl::StatusOr<Change> Finish(Change change) {
  if (change.text.size() > kMaxChangeBytes) {
    change.text.resize(kMaxChangeBytes);
    change.cut = true;
  }
  if (change.cut) {
    const size_t end = change.text.rfind('\n');
    if (end != std::string::npos) change.text.resize(end + 1);
  }
  if (!absl::StripAsciiWhitespace(change.text).empty()) return change;
  return absl::FailedPreconditionError(
      absl::StrCat("there is nothing to review: ", change.what, " are empty"));
}

absl::StatusOr<Change> Shown(std::string what,
                             const std::vector<std::string>& arguments) {
  CSA_ASSIGN_OR_RETURN(Captured captured, Git(arguments, kMaxChangeBytes));
  if (!Succeeded(captured)) return GitFailed(arguments[0]);
  return Finish({.what = std::move(what),
                 .text = std::move(captured.output),
                 .cut = captured.cut});
}

absl::Status CheckRevision(absl::string_view option, absl::string_view name) {
  if (!absl::StartsWith(name, "-")) return absl::OkStatus();
  return UsageError(absl::StrCat(option, ": '", name, "' is no revision"));
}

// The files that git neither knows nor ignores, as a diff against nothing.
absl::Status AddUntracked(Change& change) {
  CSA_ASSIGN_OR_RETURN(
      const Captured names,
      Git({"ls-files", "--others", "--exclude-standard", "-z", ":/"},
          kMaxNamesBytes));
  if (!Succeeded(names)) return GitFailed("ls-files");
  for (const absl::string_view name :
       absl::StrSplit(names.output, '\0', absl::SkipEmpty())) {
    if (change.text.size() > kMaxChangeBytes) break;
    // Its exit status is 1 where there is a difference.
    CSA_ASSIGN_OR_RETURN(
        const Captured diff,
        Git(Plain("diff", {"--no-index", "--", "/dev/null", std::string(name)}),
            kMaxChangeBytes));
    absl::StrAppend(&change.text, diff.output);
    change.cut = change.cut || diff.cut;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DefaultBase() {
  for (const char* name : {"origin/HEAD", "main", "master"}) {
    CSA_ASSIGN_OR_RETURN(const Captured found,
                         Git({"rev-parse", "--quiet", "--verify",
                              absl::StrCat(name, "^{commit}")},
                             kMaxNamesBytes));
    if (Succeeded(found)) return name;
  }
  return absl::FailedPreconditionError(
      "there is neither origin/HEAD, main nor master to compare the branch "
      "with: name the branch it comes from, as in --branch=trunk");
}

}  // namespace

absl::StatusOr<Change> UncommittedChange() {
  Change change = {.what = "the uncommitted changes"};
  // Before the first commit there is no HEAD: then all is against nothing.
  CSA_ASSIGN_OR_RETURN(
      const Captured head,
      Git({"rev-parse", "--quiet", "--verify", "HEAD"}, kMaxNamesBytes));
  CSA_ASSIGN_OR_RETURN(
      Captured diff,
      Git(Plain("diff", {Succeeded(head) ? "HEAD" : "--cached", "--"}),
          kMaxChangeBytes));
  if (!Succeeded(diff)) return GitFailed("diff");
  change.text = std::move(diff.output);
  change.cut = diff.cut;
  if (!change.cut) CSA_RETURN_IF_ERROR(AddUntracked(change));
  return Finish(std::move(change));
}

absl::StatusOr<Change> CommittedChange(const std::string& revision) {
  CSA_RETURN_IF_ERROR(CheckRevision("--commit", revision));
  return Shown(absl::StrCat("the changes of commit ", revision),
               Plain("show", {"--diff-merges=first-parent", revision, "--"}));
}

absl::StatusOr<Change> RangeOfChanges(const std::string& range) {
  CSA_RETURN_IF_ERROR(CheckRevision("--range", range));
  if (!absl::StrContains(range, "..")) {
    return UsageError(absl::StrCat("--range: '", range,
                                   "' is no range: A...B is one. One commit "
                                   "is --commit"));
  }
  return Shown(absl::StrCat("the changes of ", range),
               Plain("diff", {range, "--"}));
}

absl::StatusOr<Change> BranchChange(const std::string& base) {
  CSA_RETURN_IF_ERROR(CheckRevision("--branch", base));
  std::string from = base;
  if (from.empty()) {
    CSA_ASSIGN_OR_RETURN(from, DefaultBase());
  }
  return Shown(absl::StrCat("the changes of the branch since it left ", from),
               Plain("diff", {absl::StrCat(from, "...HEAD"), "--"}));
}

absl::StatusOr<Change> WholeFiles(const std::vector<std::string>& paths) {
  if (paths.empty()) return UsageError("--files: no file is named");
  Change change = {.what = "the files"};
  for (const std::string& path : paths) {
    CSA_ASSIGN_OR_RETURN(const UniqueFd file, OpenNamedByUser(path));
    std::string text;
    while (text.size() <= kMaxChangeBytes) {
      const absl::StatusOr<std::string> part =
          ReadPart(file.get(), kMaxChangeBytes + 1 - text.size());
      if (!part.ok()) return Named(path, part.status());
      if (part->empty()) break;
      text.append(*part);
    }
    absl::StrAppend(&change.text, "=== ", path, " ===\n", text,
                    absl::EndsWith(text, "\n") ? "" : "\n");
  }
  return Finish(std::move(change));
}

}  // namespace csa
