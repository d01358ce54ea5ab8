// Promise: who can write to a session's directory, or to the caller's working
// directory or environment, cannot make csa harm or run anything else, hang, or
// claim that an end has come: docs/security.md.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/pid_fd.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "common/os/process_set.h"
#include "common/os/unique_fd.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Json = nlohmann::json;

// An agent that is out to escape, deceive or do harm. It is the same user, and
// knows its session's directory.
class HostileAgentTest : public CsaTest {
 protected:
  std::string SpawnHostile(const std::string& kinds) const {
    return Spawn({"--", Hostile(), lifeline_.path(), kinds});
  }

  std::string PathOf(const std::string& id, const std::string& file) const {
    return absl::StrCat(DirectoryOf(id), "/", file);
  }

  static void ReplaceByFifo(const std::string& path) {
    fs::remove(path);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  }

  void ExpectKillEndsAll(const std::string& id) {
    const Ended kill = Kill(id);
    EXPECT_EQ(kill.exit_status, 0) << kill.error;
    EXPECT_TRUE(lifeline_.AllDead());
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

// Whoever opens it for reading waits for a writer.
TEST_F(HostileAgentTest, LogsThatAreFifosHoldNobodyUp) {
  const std::string id =
      Spawn({"--", Hostile(), lifeline_.path(), "setsid", "5"});
  lifeline_.AwaitReady(1);
  ReplaceByFifo(PathOf(id, "stdout.log"));
  ReplaceByFifo(PathOf(id, "stderr.log"));
  lifeline_.Release();
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 125);
  EXPECT_THAT(wait.error, HasSubstr("stdout.log: is no regular file"));
  EXPECT_EQ(Csa({"wait", "--quiet", id}).exit_status, 5);
  EXPECT_EQ(Csa({"attach", id}).exit_status, 125);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).command_exit, 5);
}

TEST_F(HostileAgentTest, LogsThatAreFifosHoldNoKillUp) {
  const std::string id = SpawnHostile("setsid");
  lifeline_.AwaitReady(2);
  ReplaceByFifo(PathOf(id, "stdout.log"));
  KillSupervisor(id);
  ExpectKillEndsAll(id);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

// Whether it runs cannot be told, and what to do about that is said.
TEST_F(HostileAgentTest, ALockFileThatIsNoFileHoldsNobodyUp) {
  const std::string id = SpawnHostile("setsid");
  lifeline_.AwaitReady(2);
  const std::string lock = PathOf(id, "daemon.pid");
  for (const auto& [replace, reason] :
       std::vector<std::pair<std::function<void()>, std::string>>{
           {[&] { ReplaceByFifo(lock); }, "is no regular file"},
           {[&] { fs::create_directory(lock); }, "is no regular file"},
           {[&] { fs::create_symlink("stdout.log", lock); },
            "symbolic link"}}) {
    fs::remove(lock);
    replace();
    for (const char* command : {"wait", "attach", "kill"}) {
      const Ended ended = Csa({command, id});
      EXPECT_EQ(ended.exit_status, 125) << command;
      EXPECT_THAT(ended.error, AllOf(HasSubstr(lock), HasSubstr(reason),
                                     HasSubstr("or remove it")));
    }
  }
  fs::remove(lock);
  ExpectKillEndsAll(id);
}

TEST_F(HostileAgentTest, LinksAreNotFollowed) {
  const std::string id = Run("echo out; exit 3");
  EXPECT_EQ(Wait(id).exit_status, 3);
  WriteFile(scratch().PathOf("secret"), "secret");
  fs::remove(PathOf(id, "stdout.log"));
  fs::create_symlink(scratch().PathOf("secret"), PathOf(id, "stdout.log"));
  for (const char* command : {"wait", "attach"}) {
    const Ended ended = Csa({command, id});
    EXPECT_EQ(ended.exit_status, 125);
    EXPECT_THAT(ended.output, Not(HasSubstr("secret")));
  }
}

// The waiters are deceived: they cannot tell who has written it.
TEST_F(HostileAgentTest, F22_AResultOfItsOwnDoesNotKeepItAlive) {
  const std::string model = Run("exit 0");
  EXPECT_EQ(Wait(model).exit_status, 0);
  const std::string id = SpawnHostile("setsid,daemon,bare,ignore-term");
  lifeline_.AwaitReady(5);
  std::string forged = FileOf(model, "result.toml");
  forged.replace(forged.find(model), model.size(), id);
  WriteFile(PathOf(id, "result.toml"), forged);
  EXPECT_EQ(Wait(id).exit_status, 0);
  ExpectKillEndsAll(id);
  EXPECT_FALSE(IsRunning(id));
  EXPECT_EQ(FileOf(id, "result.toml"), forged);
}

TEST_F(HostileAgentTest, F22_RemovingTheLockDoesNotKeepItAlive) {
  const std::string id = SpawnHostile("setsid,daemon,bare");
  lifeline_.AwaitReady(4);
  fs::remove(PathOf(id, "daemon.pid"));
  ExpectKillEndsAll(id);
}

TEST_F(HostileAgentTest, F22_RemovingTheRecordDoesNotKeepItAlive) {
  const std::string id = SpawnHostile("setsid,daemon,bare");
  lifeline_.AwaitReady(4);
  fs::remove(PathOf(id, "session.json"));
  ExpectKillEndsAll(id);
}

TEST_F(HostileAgentTest, F22_RemovingTheDirectoryClaimsNoEnd) {
  const std::string id =
      Spawn({"--", Hostile(), lifeline_.path(), "setsid,daemon,bare", "5"});
  lifeline_.AwaitReady(3);
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
  ASSERT_TRUE(supervisor.ok()) << supervisor.status();
  fs::rename(DirectoryOf(id), scratch().PathOf("moved"));
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 125);
  EXPECT_THAT(kill.error, HasSubstr("no such session"));
  EXPECT_FALSE(lifeline_.AllDead());
  // Its supervisor sees to its end all the same.
  lifeline_.Release();
  ASSERT_TRUE(supervisor->AwaitDeath(absl::InfiniteFuture()).ok());
  EXPECT_TRUE(lifeline_.AllDead());
}

// Another file of the user's that another program has locked, as a browser does
// its profile: csa kill must not end the browser.
TEST_F(HostileAgentTest, F24_AStrangerWhoHoldsTheLockIsLeftAlone) {
  const std::string id = SpawnHostile("setsid,bare");
  lifeline_.AwaitReady(3);
  const std::string profile = scratch().PathOf("profile");
  WriteFile(profile, "");
  const Gate gate(scratch().PathOf("gate"));
  Lifeline ready(scratch().PathOf("ready"));
  const pid_t stranger =
      ForkWorker([&] {
        const UniqueFd file = OpenAt(AT_FDCWD, profile, O_RDWR).value();
        const UniqueFd alive = OpenAt(AT_FDCWD, ready.path(), O_WRONLY).value();
        const UniqueFd go = OpenAt(AT_FDCWD, gate.path(), O_RDONLY).value();
        const bool locked =
            LockForWriting(file.get()).ok() && WriteAll(alive.get(), "x").ok();
        char byte = 0;
        _exit(locked && read(go.get(), &byte, 1) == 1 ? 7 : 1);
      }).value();
  ready.AwaitReady(1);
  fs::remove(PathOf(id, "daemon.pid"));
  fs::create_hard_link(profile, PathOf(id, "daemon.pid"));
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 125);
  EXPECT_EQ(kill.output, "");
  EXPECT_THAT(kill.error,
              AllOf(HasSubstr(PathOf(id, "daemon.pid")),
                    HasSubstr(absl::StrCat("process ", stranger, " ")),
                    HasSubstr("Remove the file")));
  EXPECT_FALSE(ready.AllDead());
  fs::remove(PathOf(id, "daemon.pid"));
  ExpectKillEndsAll(id);
  EXPECT_FALSE(ready.AllDead());
  gate.Open();
  EXPECT_EQ(Reap(stranger).value(), 7 << 8);
}

// What shows a lock of its own, as the supervisor of a nested session does, is
// spared by a natural end, as that is; not by a kill.
TEST_F(HostileAgentTest, F22_AFalseNestedSessionIsEndedByAKill) {
  const std::string nest = scratch().PathOf("nest");
  fs::create_directory(nest);
  WriteFile(nest + "/nested.py",
            absl::StrCat("import fcntl, signal, subprocess\n"
                         "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                         "lock = open('",
                         nest,
                         "/daemon.pid', 'w')\n"
                         "fcntl.lockf(lock, fcntl.LOCK_EX)\n"
                         "subprocess.call(['",
                         Hostile(), "', '", lifeline_.path(),
                         "', 'setsid,ignore-term'])\n"));
  const std::string id =
      Spawn({"--", "sh", "-c",
             absl::StrCat("CSA_SESSION_DIR=", nest, " python3 ", nest,
                          "/nested.py & exec sleep 1000")});
  lifeline_.AwaitReady(3);
  ExpectKillEndsAll(id);
}

// A working directory that somebody else has filled.
class HostileRepositoryTest : public CsaTest {
 protected:
  HostileRepositoryTest() {
    const std::string trap = absl::StrCat(
        "#!/bin/sh\necho $0 >> ", scratch().PathOf("trapped"), "\nexit 99\n");
    fs::create_directory(repository_);
    for (const char* name :
         {"csa", "csa-run", "csa-spawn", "csa-supervise", "csa-wait",
          "csa-kill", "csa-attach", "sh", "codex", "true", "env"}) {
      WriteFile(absl::StrCat(repository_, "/", name), trap);
      fs::permissions(absl::StrCat(repository_, "/", name),
                      fs::perms::owner_all);
    }
    for (const char* name : {"sessions", ".csa", ".config", ".local"}) {
      fs::create_directory(absl::StrCat(repository_, "/", name));
    }
    WriteFile(repository_ + "/.csa/config.toml", "default_tool = 'codex'\n");
    WriteFile(repository_ + "/builtin_tools.toml", "[[tool]]\n");
  }

  const std::string repository_ = scratch().PathOf("repository");
};

TEST_F(HostileRepositoryTest, NothingInItIsRun) {
  ProgramOptions options;
  options.prepare = [this] {
    if (chdir(repository_.c_str()) != 0) _exit(100);
  };
  options.environment = {{"PATH", "/bin:/usr/bin"}};
  const Ended run = Csa({"run", "--tool", "sh", "pwd; exit 3"}, options);
  ASSERT_EQ(run.exit_status, 0) << run.error;
  const std::string id = run.output.substr(0, 26);
  const Ended wait = Csa({"wait", id}, options);
  EXPECT_EQ(wait.exit_status, 3);
  EXPECT_EQ(wait.output, repository_ + "\n");
  EXPECT_EQ(Csa({"attach", id}, options).exit_status, 3);
  EXPECT_EQ(Csa({"kill", id}, options).exit_status, 0);
  EXPECT_EQ(Csa({"spawn", "--", "true"}, options).exit_status, 0);
  ProgramOptions elsewhere;
  elsewhere.environment = options.environment;
  EXPECT_EQ(
      Csa({"--cd", repository_, "spawn", "--", "true"}, elsewhere).exit_status,
      0);
  // No agent is installed, whatever lies in the working directory.
  EXPECT_EQ(Csa({"run", "x"}, options).exit_status, 127);
  EXPECT_FALSE(fs::exists(scratch().PathOf("trapped")));
}

// Its space has been reserved in the session's directory.
TEST_F(HostileAgentTest, NoResultIsLostToWhatReplacesItsReservation) {
  for (const char* replace : {"mkfifo", "mkdir", "ln -s /etc/hosts"}) {
    const std::string id =
        Run(absl::StrCat("cd $CSA_SESSION_DIR; rm .result.toml; ", replace,
                         " .result.toml; exit 7"));
    EXPECT_EQ(Wait(id).exit_status, 7) << replace;
    EXPECT_EQ(ResultOf(id).status, SessionStatus::kFailure) << replace;
  }
}

// What other users see in ps(1).
class PrivacyTest : public CsaTest {};

TEST_F(PrivacyTest, APromptIsInNoCommandLineAndNoEnvironment) {
  constexpr char kSecret[] = "not-to-be-seen-by-others";
  Lifeline lifeline(scratch().PathOf("lifeline"));
  ProgramOptions options;
  options.input = absl::StrCat(Hostile(), " ", lifeline.path(),
                               " setsid; exit 3 # ", kSecret);
  const Ended run = Csa({"run", "--tool", "sh"}, options);
  ASSERT_EQ(run.exit_status, 0) << run.error;
  const std::string id = run.output.substr(0, 26);
  lifeline.AwaitReady(2);
  const pid_t supervisor = SupervisorOf(id);
  std::vector<pid_t> processes = {supervisor};
  for (const ProcessStat& process : Descendants(supervisor).Members()) {
    processes.push_back(process.pid);
  }
  EXPECT_EQ(processes.size(), 4U);
  for (const pid_t pid : processes) {
    EXPECT_THAT(CommandLineOf(pid), Not(HasSubstr(kSecret)));
    EXPECT_THAT(EnvironmentOf(pid), Not(HasSubstr(kSecret)));
  }
  EXPECT_THAT(FileOf(id, "prompt.txt"), HasSubstr(kSecret));
  EXPECT_EQ(Kill(id).exit_status, 0);
}

// csa-spawn is gone when the session runs.
TEST_F(PrivacyTest, CsaSpawnIsGivenAPromptWhereNobodySeesIt) {
  constexpr char kSecret[] = "not-to-be-seen-by-others";
  const std::string bin = scratch().PathOf("bin/");
  fs::create_directory(bin);
  for (const char* tool : {"csa", "csa-run"}) {
    fs::copy_file(Tool(tool), bin + tool);
  }
  WriteFile(bin + "csa-spawn",
            "#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ; exec cat >&2");
  fs::permissions(bin + "csa-spawn", fs::perms::owner_all);
  ProgramOptions options;
  options.input = kSecret;
  const Ended run =
      RunProgram({bin + "csa", "run", "--tool", "sh"}, InTest(options));
  EXPECT_THAT(run.output, HasSubstr("--stdin=capture"));
  EXPECT_THAT(run.output, HasSubstr("CSA_STATE_DIR="));
  EXPECT_THAT(run.output, Not(HasSubstr(kSecret)));
  EXPECT_EQ(run.error, kSecret);
}

TEST_F(PrivacyTest, TheEnvironmentIsNotStored) {
  constexpr char kSecret[] = "not-to-be-kept";
  ProgramOptions options;
  options.environment = {{"API_KEY", kSecret}};
  const std::string id =
      Spawn({"--env", absl::StrCat("OTHER_KEY=", kSecret), "--", "sh", "-c",
             R"(test "$API_KEY" = "$OTHER_KEY")"},
            options);
  EXPECT_EQ(Wait(id).exit_status, 0);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(DirectoryOf(id))) {
    EXPECT_THAT(ReadFile(entry.path()), Not(HasSubstr(kSecret)))
        << entry.path();
    ++files;
  }
  EXPECT_GE(files, 5);
}

class PoisonedEnvironmentTest : public CsaTest {};

// Whether the tools are built for a sanitizer, which is a library.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Static programs load nothing, whatever a variable says.
TEST_F(PoisonedEnvironmentTest, NoLibraryIsLoadedIntoTheTools) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's build loads libraries";
  ProgramOptions options;
  options.environment = {{"LD_PRELOAD", "/nowhere/evil.so"},
                         {"LD_LIBRARY_PATH", "/nowhere"},
                         {"GCONV_PATH", "/nowhere"},
                         {"LOCPATH", "/nowhere"}};
  const Ended help = RunProgram({Tool("csa-wait"), "--help"}, InTest(options));
  EXPECT_EQ(help.exit_status, 0);
  EXPECT_EQ(help.error, "");
}

TEST_F(PoisonedEnvironmentTest, SessionVariablesAreDataOnly) {
  for (const std::string& value :
       {std::string("../../x"), std::string("two\nlines \xff\""),
        std::string(100'000, 'x')}) {
    ProgramOptions options;
    options.environment = {{"CSA_SESSION_ID", value},
                           {"CSA_SESSION_DIR", value},
                           {"CSA_PARENT_SESSION", value},
                           {"CSA_PROJECT_ROOT", value}};
    const std::string id = Spawn({"--", "sh", "-c", "exit 4"}, options);
    EXPECT_EQ(Csa({"wait", id}, options).exit_status, 4);
    const Json spec = Json::parse(FileOf(id, "session.json"), nullptr, false);
    EXPECT_TRUE(spec.is_object());
    EXPECT_EQ(Csa({"kill", id}, options).output, id + " already ended\n");
  }
}

}  // namespace
}  // namespace csa
