#include "tools/review/change.h"

#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/cli/tool.h"
#include "common/os/capture.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"

namespace csa {
namespace {

// More names than anybody has untracked files.
constexpr size_t kMaxNamesBytes = size_t{64} << 20;

// A setting of git, and its value.
using Settings = std::vector<std::pair<std::string, std::string>>;

// git, so that it runs no hook and no monitor, fetches nothing, writes no index
// and takes every object for what it is.
class Git {
 public:
  // For the repository around the working directory, if there is one.
  static absl::StatusOr<Git> Open();

  // Runs it with `arguments`, as Capture does.
  absl::StatusOr<Captured> Run(const std::vector<std::string>& arguments,
                               size_t limit) const;

 private:
  explicit Git(Settings settings) : settings_(std::move(settings)) {}

  // They take the place of all others.
  Settings settings_;
};

// Settings by which it executes nothing that the repository's own configuration
// names. The user's own filters, such as those of git-lfs, stay.
absl::StatusOr<Git> Git::Open() {
  Git git({{"core.fsmonitor", "false"},
           {"core.hooksPath", "/dev/null"},
           {"log.showSignature", "false"},
           {"log.showRoot", "true"},
           {"safe.bareRepository", "explicit"},
           {"diff.submodule", "short"}});
  CSA_ASSIGN_OR_RETURN(const Captured filters,
                       git.Run({"config", "--show-scope", "--name-only", "-z",
                                "--get-regexp", "^filter[.]"},
                               kMaxNamesBytes));
  const std::vector<std::string> words = absl::StrSplit(filters.output, '\0');
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] != "local" && words[i] != "worktree") continue;
    git.settings_.emplace_back(
        words[i + 1], absl::EndsWith(words[i + 1], ".required") ? "false" : "");
  }
  return git;
}

absl::StatusOr<Captured> Git::Run(const std::vector<std::string>& arguments,
                                  size_t limit) const {
  std::vector<std::string> argv = {
      "env", "GIT_ALLOW_PROTOCOL=none", "GIT_OPTIONAL_LOCKS=0",
      "GIT_NO_LAZY_FETCH=1",
      absl::StrCat("GIT_CONFIG_COUNT=", settings_.size())};
  for (size_t i = 0; i < settings_.size(); ++i) {
    argv.push_back(absl::StrCat("GIT_CONFIG_KEY_", i, "=", settings_[i].first));
    argv.push_back(
        absl::StrCat("GIT_CONFIG_VALUE_", i, "=", settings_[i].second));
  }
  argv.insert(argv.end(), {"git", "--no-pager", "--no-replace-objects"});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  absl::StatusOr<Captured> captured = Capture(argv, "", limit);
  constexpr int kNotFound = 127;  // env(1)
  if (captured.ok() && WEXITSTATUS(captured->wait_status) != kNotFound) {
    return captured;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "git cannot be run: ",
      captured.ok() ? "it is not on PATH" : captured.status().message()));
}

bool Succeeded(const Captured& captured) {
  return captured.cut || captured.wait_status == 0;
}

absl::Status GitFailed(absl::string_view command) {
  return absl::FailedPreconditionError(absl::StrCat(
      "git ", command, " failed: what it says is above. Is this a repository, ",
      "and is the name right?"));
}

// The options of a diff that executes nothing, and of which neither attributes
// nor the configuration of the repository hide a part.
std::vector<std::string> Plain(std::string command,
                               const std::vector<std::string>& rest) {
  std::vector<std::string> arguments = {std::move(command),
                                        "--no-ext-diff",
                                        "--no-textconv",
                                        "--no-color",
                                        "--no-relative",
                                        "--text",
                                        "--ignore-submodules=dirty"};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  return arguments;
}

// Makes `change`, of which kMaxChangeBytes are taken, text that ends with a
// newline.
absl::StatusOr<Change> Finish(Change change) {
  if (change.text.size() > kMaxChangeBytes) {
    change.text.resize(kMaxChangeBytes);
    change.cut = true;
  }
  // What is binary is shown as far as that goes: nothing is left out unseen.
  change.text = ReplaceInvalidUtf8(change.text);
  std::replace(change.text.begin(), change.text.end(), '\0', '?');
  if (absl::StripAsciiWhitespace(change.text).empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "there is nothing to review: ", change.what, " are empty"));
  }
  if (!absl::EndsWith(change.text, "\n")) change.text.push_back('\n');
  return change;
}

absl::StatusOr<Change> Shown(const Git& git, std::string what,
                             const std::vector<std::string>& arguments) {
  CSA_ASSIGN_OR_RETURN(Captured captured, git.Run(arguments, kMaxChangeBytes));
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
absl::Status AddUntracked(const Git& git, Change& change) {
  CSA_ASSIGN_OR_RETURN(
      const Captured names,
      git.Run({"ls-files", "--others", "--exclude-standard", "-z", ":/"},
              kMaxNamesBytes));
  if (!Succeeded(names)) return GitFailed("ls-files");
  for (const absl::string_view name :
       absl::StrSplit(names.output, '\0', absl::SkipEmpty())) {
    if (change.text.size() > kMaxChangeBytes) break;
    CSA_ASSIGN_OR_RETURN(
        const Captured diff,
        git.Run(
            Plain("diff", {"--no-index", "--", "/dev/null",
                           absl::StrCat(absl::StartsWith(name, "-") ? "./" : "",
                                        name)}),
            kMaxChangeBytes));
    // A repository of its own, or a file that may not be read.
    const bool shown = !diff.output.empty() &&
                       (diff.cut || WEXITSTATUS(diff.wait_status) <= 1);
    absl::StrAppend(&change.text, diff.output,
                    shown ? ""
                          : absl::StrCat("=== ", EscapeForDisplay(name),
                                         " is new, and cannot be shown ===\n"));
    change.cut = change.cut || diff.cut || !shown;
  }
  return absl::OkStatus();
}

// What would be committed of files that have been changed again since.
absl::Status AddStaged(const Git& git, const std::string& base,
                       Change& change) {
  std::vector<std::string> arguments = Plain("diff", {"--cached", base, "--"});
  CSA_ASSIGN_OR_RETURN(
      const Captured names,
      git.Run(Plain("diff", {"--name-only", "-z"}), kMaxNamesBytes));
  if (!Succeeded(names)) return GitFailed("diff");
  for (const absl::string_view name :
       absl::StrSplit(names.output, '\0', absl::SkipEmpty())) {
    arguments.push_back(absl::StrCat(":(top,literal)", name));
  }
  if (names.output.empty()) return absl::OkStatus();
  CSA_ASSIGN_OR_RETURN(const Captured staged,
                       git.Run(arguments, kMaxChangeBytes));
  if (!Succeeded(staged)) return GitFailed("diff");
  if (staged.output.empty()) return absl::OkStatus();
  absl::StrAppend(&change.text,
                  "=== staged to be committed, and changed again since ===\n",
                  staged.output);
  change.cut = change.cut || staged.cut;
  return absl::OkStatus();
}

absl::StatusOr<std::string> DefaultBase(const Git& git) {
  // Tags may have the same names.
  for (const char* name :
       {"refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master"}) {
    CSA_ASSIGN_OR_RETURN(const Captured found,
                         git.Run({"rev-parse", "--quiet", "--verify",
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
  CSA_ASSIGN_OR_RETURN(const Git git, Git::Open());
  CSA_ASSIGN_OR_RETURN(const Captured repository,
                       git.Run({"rev-parse", "--git-dir"}, kMaxNamesBytes));
  if (!Succeeded(repository)) return GitFailed("rev-parse");
  CSA_ASSIGN_OR_RETURN(
      const Captured head,
      git.Run({"rev-parse", "--quiet", "--verify", "HEAD"}, kMaxNamesBytes));
  std::string base = "HEAD";
  if (!Succeeded(head)) {
    // Before the first commit, all is new: against the tree without files.
    CSA_ASSIGN_OR_RETURN(
        const Captured nothing,
        git.Run({"hash-object", "-t", "tree", "/dev/null"}, kMaxNamesBytes));
    if (!Succeeded(nothing)) return GitFailed("hash-object");
    base = std::string(absl::StripAsciiWhitespace(nothing.output));
  }
  CSA_ASSIGN_OR_RETURN(Captured diff,
                       git.Run(Plain("diff", {base, "--"}), kMaxChangeBytes));
  if (!Succeeded(diff)) return GitFailed("diff");
  change.text = std::move(diff.output);
  change.cut = diff.cut;
  if (!change.cut) CSA_RETURN_IF_ERROR(AddStaged(git, base, change));
  if (!change.cut) CSA_RETURN_IF_ERROR(AddUntracked(git, change));
  return Finish(std::move(change));
}

absl::StatusOr<Change> CommittedChange(const std::string& revision) {
  CSA_RETURN_IF_ERROR(CheckRevision("--commit", revision));
  CSA_ASSIGN_OR_RETURN(const Git git, Git::Open());
  return Shown(git, absl::StrCat("the changes of commit ", revision),
               Plain("show", {"--diff-merges=first-parent", "--pretty=medium",
                              absl::StrCat(revision, "^{commit}"), "--"}));
}

absl::StatusOr<Change> RangeOfChanges(const std::string& range) {
  CSA_RETURN_IF_ERROR(CheckRevision("--range", range));
  if (!absl::StrContains(range, "..")) {
    return UsageError(absl::StrCat("--range: '", range,
                                   "' is no range: A...B is one. One commit "
                                   "is --commit"));
  }
  CSA_ASSIGN_OR_RETURN(const Git git, Git::Open());
  return Shown(git, absl::StrCat("the changes of ", range),
               Plain("diff", {range, "--"}));
}

absl::StatusOr<Change> BranchChange(const std::string& base) {
  CSA_RETURN_IF_ERROR(CheckRevision("--branch", base));
  CSA_ASSIGN_OR_RETURN(const Git git, Git::Open());
  std::string from = base;
  if (from.empty()) {
    CSA_ASSIGN_OR_RETURN(from, DefaultBase(git));
  }
  absl::string_view shown = from;
  absl::ConsumePrefix(&shown, "refs/heads/");
  return Shown(git,
               absl::StrCat("the changes of the branch since it left ", shown),
               Plain("diff", {absl::StrCat(from, "...HEAD"), "--"}));
}

absl::StatusOr<Change> WholeFiles(const std::vector<std::string>& paths) {
  if (paths.empty()) return UsageError("--files: no file is named");
  Change change = {.what = "the files"};
  for (const std::string& path : paths) {
    if (change.text.size() > kMaxChangeBytes) break;
    CSA_ASSIGN_OR_RETURN(const UniqueFd file, OpenNamedByUser(path));
    std::string text;
    while (text.size() <= kMaxChangeBytes) {
      const absl::StatusOr<std::string> part =
          ReadPart(file.get(), kMaxChangeBytes + 1 - text.size());
      if (!part.ok()) return Named(path, part.status());
      if (part->empty()) break;
      text.append(*part);
    }
    absl::StrAppend(&change.text, "=== ", EscapeForDisplay(path), " ===\n",
                    text, absl::EndsWith(text, "\n") ? "" : "\n");
  }
  return Finish(std::move(change));
}

}  // namespace csa
