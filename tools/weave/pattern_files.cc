#include "tools/weave/pattern_files.h"

#include <fcntl.h>

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"
#include "common/workflow/compile.h"
#include "common/workflow/diagnostic.h"
#include "common/workflow/pattern.h"
#include "common/workflow/workflow_file.h"

namespace csa {
namespace {

// "" for what has no slash; else up to it, and with it.
absl::string_view FolderOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? "" : path.substr(0, slash + 1);
}

// `path` without "." and with as few ".." as it can have.
std::string Normalized(absl::string_view path) {
  std::vector<absl::string_view> parts;
  for (const absl::string_view part :
       absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  return absl::StrCat(absl::StartsWith(path, "/") ? "/" : "",
                      absl::StrJoin(parts, "/"));
}

absl::StatusOr<SourceFile> ReadPattern(const std::string& path) {
  // One byte more, so that what is too long is told with its place.
  absl::StatusOr<std::string> text =
      ReadFileNamedByUser(path, kMaxPatternBytes + 1);
  if (absl::IsOutOfRange(text.status())) {
    return absl::OutOfRangeError(
        absl::StrCat(path, " is longer than ", kMaxPatternBytes >> 20, " MiB"));
  }
  if (!text.ok()) return text.status();
  return SourceFile{.name = path, .text = *std::move(text)};
}

absl::StatusOr<SourceFile> LoadInclude(absl::string_view including,
                                       absl::string_view reference) {
  CSA_ASSIGN_OR_RETURN(const std::string path,
                       ResolveReference(including, reference));
  return ReadPattern(path);
}

}  // namespace

absl::StatusOr<std::string> ResolveReference(absl::string_view including,
                                             absl::string_view reference) {
  const absl::string_view folder = FolderOf(including);
  if (absl::StrContains(reference, '/') || absl::EndsWith(reference, ".md")) {
    if (absl::StartsWith(reference, "/")) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", reference, "' is no relative path: give one from this folder"));
    }
    return Normalized(absl::StrCat(folder, reference));
  }
  if (reference == "." || reference == "..") {
    return absl::InvalidArgumentError(
        absl::StrCat("'", reference, "' is no name of a pattern"));
  }
  return Normalized(absl::StrCat(folder, "../", reference, "/", kPatternFile));
}

absl::StatusOr<std::optional<Workflow>> CompileFile(const std::string& path,
                                                    bool strict) {
  CSA_ASSIGN_OR_RETURN(SourceFile file, ReadPattern(path));
  file.name = Normalized(path);
  Diagnostics diagnostics;
  Workflow workflow = CompilePattern(file, LoadInclude, diagnostics);
  for (Diagnostic diagnostic : diagnostics.list()) {
    if (strict) diagnostic.severity = Diagnostic::Severity::kError;
    for (const absl::string_view line :
         absl::StrSplit(FormatDiagnostic(diagnostic), '\n')) {
      PrintNotice(line);
    }
  }
  const bool failed =
      diagnostics.has_errors() || (strict && !diagnostics.list().empty());
  if (failed) return std::nullopt;
  return workflow;
}

absl::StatusOr<std::vector<std::string>> FindPatterns(
    const std::string& directory) {
  // Behind "/." a symbolic link is followed.
  CSA_ASSIGN_OR_RETURN(
      const UniqueFd fd,
      OpenAt(AT_FDCWD, absl::StrCat(directory, "/."), O_RDONLY | O_DIRECTORY));
  std::vector<std::string> paths;
  if (ExistsAt(fd.get(), kPatternFile)) {
    paths.push_back(absl::StrCat(directory, "/", kPatternFile));
  }
  CSA_RETURN_IF_ERROR(ListDirectory(fd.get(), [&](absl::string_view name) {
    const std::string pattern = absl::StrCat(name, "/", kPatternFile);
    if (ExistsAt(fd.get(), pattern)) {
      paths.push_back(absl::StrCat(directory, "/", pattern));
    }
    return true;
  }));
  if (paths.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no ", kPatternFile,
                                            " in ", directory,
                                            ", nor in a folder in it"));
  }
  for (std::string& path : paths) path = Normalized(path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string WorkflowBeside(absl::string_view pattern) {
  return absl::StrCat(FolderOf(pattern), kWorkflowFile);
}

absl::Status WriteWorkflow(const std::string& path, absl::string_view text) {
  const absl::StatusOr<int64_t> size = SizeOf(AT_FDCWD, path);
  const bool is_there = !absl::IsNotFound(size.status());
  if (is_there && !OpenRegularAt(AT_FDCWD, path).ok()) {
    // A device, say: there is nothing that could be torn.
    CSA_ASSIGN_OR_RETURN(const UniqueFd file,
                         OpenAt(AT_FDCWD, path, O_WRONLY | O_TRUNC));
    return Named(path, WriteAll(file.get(), text));
  }
  const std::string hidden = absl::StrCat(
      FolderOf(path), ".", path.substr(FolderOf(path).size()), ".new");
  CSA_RETURN_IF_ERROR(RemoveTree(AT_FDCWD, hidden));
  {
    const absl::StatusOr<UniqueFd> file =
        OpenAt(AT_FDCWD, hidden, O_WRONLY | O_CREAT | O_EXCL, 0666);
    CSA_RETURN_IF_ERROR(Named(path, file.status()));
    const absl::Status written = WriteAll(file->get(), text);
    if (!written.ok()) {
      static_cast<void>(RemoveTree(AT_FDCWD, hidden));
      return Named(path, written);
    }
  }
  return RenameReplacing(AT_FDCWD, hidden, path);
}

}  // namespace csa
