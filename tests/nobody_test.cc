#include "tests/nobody_test.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace csa {

NobodyTest::NobodyTest() {
  EXPECT_EQ(geteuid(), 0U) << "needs root, to run csa as another user";
  // What nobody needs must be where nobody may look.
  char path[] = "/tmp/csa-nobody-XXXXXX";
  directory_ = mkdtemp(path);
  std::filesystem::copy(Tool(""), directory_ + "/bin");
  std::filesystem::copy(Hostile(), directory_ + "/hostile");
  EXPECT_EQ(chmod(path, 0711), 0);
  EXPECT_EQ(chmod((directory_ + "/bin").c_str(), 0755), 0);
  EXPECT_EQ(chmod((directory_ + "/hostile").c_str(), 0755), 0);
  EXPECT_EQ(mkdir((directory_ + "/state").c_str(), 0700), 0);
  EXPECT_EQ(chown((directory_ + "/state").c_str(), kNobody, kNobody), 0);
}

NobodyTest::~NobodyTest() { std::filesystem::remove_all(directory_); }

std::string NobodyTest::SpawnAsNobody(
    const std::vector<std::string>& command) const {
  std::vector<std::string> arguments = {"spawn", "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  const Ended spawn = CsaAsNobody(arguments);
  EXPECT_EQ(spawn.exit_status, 0) << spawn.error;
  return std::string(absl::StripSuffix(spawn.output, "\n"));
}

std::string NobodyTest::NobodysFile(const std::string& id,
                                    absl::string_view file) const {
  return absl::StrCat(directory_, "/state/sessions/", id, "/", file);
}

pid_t NobodyTest::NobodysSupervisor(const std::string& id) const {
  pid_t pid = 0;
  EXPECT_TRUE(absl::SimpleAtoi(ReadFile(NobodysFile(id, "daemon.pid")), &pid));
  return pid;
}

ProgramOptions NobodyTest::AsNobody(ProgramOptions options) const {
  options.environment["CSA_STATE_DIR"] = directory_ + "/state";
  options.prepare = [prepare = options.prepare] {
    if (chdir("/") != 0 || setgroups(0, nullptr) != 0 ||
        setresgid(kNobody, kNobody, kNobody) != 0 ||
        setresuid(kNobody, kNobody, kNobody) != 0) {
      _exit(100);
    }
    prepare();
  };
  return InTest(options);
}

Ended NobodyTest::CsaAsNobody(const std::vector<std::string>& arguments,
                              const ProgramOptions& options) const {
  std::vector<std::string> argv = {directory_ + "/bin/csa"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunProgram(argv, AsNobody(options));
}

}  // namespace csa
