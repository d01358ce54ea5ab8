#include "common/agent/configuration_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/os/directory.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Runs in an empty directory, with an empty home.
class LoadConfigurationTest : public testing::Test {
 protected:
  LoadConfigurationTest() {
    for (const char* directory : {"home/.config/csa", "xdg/csa", "project"}) {
      std::filesystem::create_directories(scratch_.PathOf(directory));
    }
    EXPECT_TRUE(EnterDirectory(scratch_.PathOf("project")).ok());
    setenv("HOME", scratch_.PathOf("home").c_str(), 1);
    unsetenv("XDG_CONFIG_HOME");
  }
  ~LoadConfigurationTest() override { EXPECT_TRUE(EnterDirectory("/").ok()); }

  static absl::StatusOr<Configuration> Load() {
    return LoadConfiguration({{.name = "a"}, {.name = "b"}}, ".");
  }

  // The default tool; "" where there is none.
  static std::string Loaded() {
    const absl::StatusOr<Configuration> configuration = Load();
    EXPECT_TRUE(configuration.ok()) << configuration.status();
    const Setting* const setting =
        FindSetting(*configuration, {"default_tool"});
    return setting == nullptr ? "" : std::get<std::string>(setting->value);
  }

  static void ExpectError(const std::string& path, const std::string& says) {
    const absl::Status status = Load().status();
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(path), HasSubstr(says)));
  }

  std::string UserPath() const {
    return scratch_.PathOf("home/.config/csa/config.toml");
  }
  std::string ProjectPath() const {
    return scratch_.PathOf("project/.csa/config.toml");
  }
  void MakeProjectDirectory() const {
    std::filesystem::create_directory(scratch_.PathOf("project/.csa"));
  }

  ScratchDirectory scratch_;
};

constexpr char kA[] = "default_tool = \"a\"\n";
constexpr char kB[] = "default_tool = \"b\"\n";

TEST_F(LoadConfigurationTest, NeitherFileNeedBeThere) {
  EXPECT_EQ(Loaded(), "");
  setenv("HOME", "/dev/null", 1);
  EXPECT_EQ(Loaded(), "");
  unsetenv("HOME");
  EXPECT_EQ(Loaded(), "");
  WriteFile(scratch_.PathOf("project/.csa"), "not a directory");
  EXPECT_EQ(Loaded(), "");
}

TEST_F(LoadConfigurationTest, TheUsersIsWhereXdgSays) {
  WriteFile(UserPath(), kA);
  WriteFile(scratch_.PathOf("xdg/csa/config.toml"), kB);
  EXPECT_EQ(Loaded(), "a");
  setenv("XDG_CONFIG_HOME", scratch_.PathOf("xdg").c_str(), 1);
  EXPECT_EQ(Loaded(), "b");
  for (const char* no_path : {"", "xdg", "../xdg"}) {
    setenv("XDG_CONFIG_HOME", no_path, 1);
    EXPECT_EQ(Loaded(), "a") << no_path;
  }
}

TEST_F(LoadConfigurationTest, TheProjectsIsInTheWorkingDirectory) {
  MakeProjectDirectory();
  WriteFile(UserPath(), kA);
  WriteFile(ProjectPath(), kB);
  EXPECT_EQ(Loaded(), "b");
  const Configuration configuration = Load().value();
  const Setting& setting = configuration.settings.at({"default_tool"});
  EXPECT_EQ(setting.file, std::filesystem::canonical(ProjectPath()));
  EXPECT_EQ(setting.line, 1);
  ASSERT_TRUE(EnterDirectory("..").ok());
  EXPECT_EQ(Loaded(), "a");
}

TEST_F(LoadConfigurationTest, AMistakeNamesTheFile) {
  WriteFile(UserPath(), "\nx = 1\n");
  ExpectError(absl::StrCat(UserPath(), ":2: x: "), "unknown key");
  WriteFile(UserPath(), "");
  MakeProjectDirectory();
  WriteFile(ProjectPath(), "[[tool]]\n");
  ExpectError("/project/.csa/config.toml:1: tool: ", "your own");
}

TEST_F(LoadConfigurationTest, AUsersFileMayBeASymbolicLink) {
  WriteFile(scratch_.PathOf("dotfile"), kA);
  std::filesystem::create_symlink(scratch_.PathOf("dotfile"), UserPath());
  EXPECT_EQ(Loaded(), "a");
}

TEST_F(LoadConfigurationTest, AProjectsFileIsOfTheProject) {
  MakeProjectDirectory();
  WriteFile(scratch_.PathOf("elsewhere"), kA);
  std::filesystem::create_symlink(scratch_.PathOf("elsewhere"), ProjectPath());
  ExpectError(".csa/config.toml", "make it a file, no symbolic link");
  std::filesystem::remove_all(scratch_.PathOf("project/.csa"));
  std::filesystem::create_directory(scratch_.PathOf("private"));
  WriteFile(scratch_.PathOf("private/config.toml"), kA);
  std::filesystem::create_directory_symlink(scratch_.PathOf("private"),
                                            scratch_.PathOf("project/.csa"));
  ExpectError("/.csa", "no symbolic link");
}

TEST_F(LoadConfigurationTest, WhatIsNoFileHoldsNobodyUp) {
  ASSERT_EQ(mkfifo(UserPath().c_str(), 0600), 0);
  ExpectError(UserPath(), "is no regular file");
  ASSERT_EQ(unlink(UserPath().c_str()), 0);
  std::filesystem::create_symlink("/dev/zero", UserPath());
  ExpectError(UserPath(), "is no regular file");
  ASSERT_EQ(unlink(UserPath().c_str()), 0);
  MakeProjectDirectory();
  ASSERT_EQ(mkfifo(ProjectPath().c_str(), 0600), 0);
  ExpectError(".csa/config.toml", "is no regular file");
  ASSERT_EQ(unlink(ProjectPath().c_str()), 0);
  std::filesystem::create_directory(ProjectPath());
  ExpectError(".csa/config.toml", "is no regular file");
}

TEST_F(LoadConfigurationTest, AFileHasItsLimit) {
  const std::string comment(kMaxConfigurationBytes - sizeof(kA) + 1, '#');
  WriteFile(UserPath(), kA + comment);
  EXPECT_EQ(Loaded(), "a");
  WriteFile(UserPath(), kA + comment + "#");
  ExpectError(UserPath(), "longer than 1048576 bytes");
}

TEST_F(LoadConfigurationTest, AFileThatMayNotBeReadIsAnError) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  WriteFile(UserPath(), kA);
  ASSERT_EQ(chmod(UserPath().c_str(), 0), 0);
  ExpectError(UserPath(), "ermission denied");
  // Somebody else's home says nothing.
  ASSERT_EQ(chmod(scratch_.PathOf("home").c_str(), 0), 0);
  EXPECT_EQ(Loaded(), "");
  ASSERT_EQ(chmod(scratch_.PathOf("home").c_str(), 0700), 0);
}

}  // namespace
}  // namespace csa
