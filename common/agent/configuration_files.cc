#include "common/agent/configuration_files.h"

#include <fcntl.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/agent/configuration_reader.h"
#include "common/base/status_macros.h"
#include "common/os/directory.h"
#include "common/os/errno_status.h"
#include "common/os/file.h"

namespace csa {
namespace {

constexpr absl::string_view kProjectDirectory = "/.csa";
constexpr char kProjectFile[] = "config.toml";

// The value of an environment variable if it is an absolute path, else "".
std::string PathIn(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && value[0] == '/' ? value : "";
}

// The path of the user's file; "" where there is no place for one.
std::string UserPath() {
  const std::string directory = UserConfigurationDirectory();
  return directory.empty() ? "" : absl::StrCat(directory, "/config.toml");
}

// Why the file `path` could not be read, and what it should be, if it is there:
// below a HOME that is another user's, or none, there is nothing to be seen.
absl::Status Unreadable(const std::string& path, const absl::Status& status,
                        absl::string_view should_be) {
  if (status.ok() || absl::IsNotFound(status) || !ExistsAt(AT_FDCWD, path)) {
    return absl::OkStatus();
  }
  return {status.code(),
          absl::StrCat("the configuration cannot be read: ", status.message(),
                       "; make it ", should_be, " of at most 1 MiB")};
}

// The text of the project's file. Neither it nor its directory is a symbolic
// link: it would make csa read, and show, what is not the project's.
absl::StatusOr<std::string> ReadOf(const std::string& project) {
  CSA_ASSIGN_OR_RETURN(
      const UniqueFd directory,
      OpenAt(AT_FDCWD, absl::StrCat(project, kProjectDirectory),
             O_RDONLY | O_DIRECTORY));
  absl::StatusOr<std::string> text =
      ReadFileAt(directory.get(), kProjectFile, kMaxConfigurationBytes);
  if (text.ok()) return text;
  return Named(absl::StrCat(project, kProjectDirectory, "/", kProjectFile),
               text.status());
}

}  // namespace

std::string UserConfigurationDirectory() {
  const std::string xdg = PathIn("XDG_CONFIG_HOME");
  if (!xdg.empty()) return absl::StrCat(xdg, "/csa");
  const std::string home = PathIn("HOME");
  return home.empty() ? "" : absl::StrCat(home, "/.config/csa");
}

absl::StatusOr<Configuration> LoadConfiguration(std::vector<AgentTool> builtin,
                                                const std::string& project) {
  Configuration configuration = BuiltinConfiguration(std::move(builtin));
  const std::string user_path = UserPath();
  if (!user_path.empty()) {
    absl::StatusOr<std::string> text =
        ReadFileNamedByUser(user_path, kMaxConfigurationBytes);
    CSA_RETURN_IF_ERROR(
        Unreadable(user_path, text.status(), "a file that you may read,"));
    if (text.ok()) {
      CSA_ASSIGN_OR_RETURN(
          configuration,
          WithFile(std::move(configuration),
                   {Origin::kUserFile, user_path, *std::move(text)}));
    }
  }
  std::string path =
      absl::StrCat(project, kProjectDirectory, "/", kProjectFile);
  absl::StatusOr<std::string> text = ReadOf(project);
  CSA_RETURN_IF_ERROR(
      Unreadable(path, text.status(), "a file, no symbolic link,"));
  if (!text.ok()) return configuration;
  if (project == ".") {
    CSA_ASSIGN_OR_RETURN(const std::string directory, WorkingDirectory());
    path = absl::StrCat(absl::StripSuffix(directory, "/"), kProjectDirectory,
                        "/", kProjectFile);
  }
  return WithFile(std::move(configuration),
                  {Origin::kProjectFile, path, *std::move(text)});
}

}  // namespace csa
