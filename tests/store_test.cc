// Promise: sessions are found from anywhere, and kept where only their owner
// can look or meddle.

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/os/proc.h"
#include "common/testing/private_mount.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr uid_t kNobody = 65534;
constexpr absl::string_view kCommands[] = {"wait", "kill", "attach"};

// Names of sessions that nobody has started.
constexpr char kOld[] = "01AAAAAAAAAAAAAAAAAAAAAA01";
constexpr char kOther[] = "01AAAAAAAAAAAAAAAAAAAAAA02";

class StoreTest : public CsaTest {
 protected:
  // A session that has ended with 7, made by hand.
  void MakeFinished(const std::string& id) const {
    fs::create_directories(DirectoryOf(id));
    Restrict(DirectoryOf(id), 0700);
    WriteFile(DirectoryOf(id) + "/stdout.log", "");
    WriteFile(DirectoryOf(id) + "/stderr.log", "");
    WriteFile(DirectoryOf(id) + "/result.toml",
              absl::StrCat("id = \"", id, "\"\n", R"(status = "failure"
exit_code = 7
command_exit = 7
tool = ""
summary = ""
started_at = "2020-01-01T00:00:00.000Z"
completed_at = "2020-01-01T00:00:01.000Z"
wall_seconds = 1.0
strays = 0
stray_names = []
)"));
  }

  // One whose supervisor is dead.
  void MakeLost(const std::string& id) const {
    MakeFinished(id);
    fs::remove(DirectoryOf(id) + "/result.toml");
    WriteFile(DirectoryOf(id) + "/daemon.pid", "1\n");
    WriteFile(DirectoryOf(id) + "/session.json", "{}");
  }

  static void Restrict(const std::string& path, mode_t mode) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0) << path;
  }

  // Expects all commands to refuse the session `reference`, with a message in
  // which there is `text`.
  void ExpectRefused(const std::string& reference, const std::string& text,
                     const ProgramOptions& options = {}) const {
    for (const absl::string_view command : kCommands) {
      const Ended ended =
          Csa({std::string(command), "--session", reference}, options);
      EXPECT_EQ(ended.exit_status, 125) << command << " " << reference;
      EXPECT_EQ(ended.output, "") << command << " " << reference;
      EXPECT_THAT(ended.error,
                  AllOf(HasSubstr(absl::StrCat("csa-", command, ": ")),
                        HasSubstr(text)))
          << command << " " << reference;
    }
  }

  // Expects that no session can be started, with a message in which there is
  // `text`.
  void ExpectNoStart(const std::string& text,
                     const ProgramOptions& options = {}) const {
    const Ended spawn = Csa({"spawn", "--", "true"}, options);
    EXPECT_EQ(spawn.exit_status, 125);
    EXPECT_EQ(spawn.output, "");
    EXPECT_THAT(spawn.error, AllOf(HasSubstr("csa-spawn: "), HasSubstr(text)));
  }

  // Expects that csa-doctor finds fault with the state directory, with `text`.
  void ExpectDoctorSays(const std::string& text) const {
    const Ended doctor = Csa({"doctor"});
    EXPECT_EQ(doctor.exit_status, 1);
    EXPECT_THAT(doctor.output,
                AllOf(HasSubstr("error    state_directory "), HasSubstr(text)));
  }

  // What can be seen of all files below the state directory, but for when they
  // were last read.
  std::map<std::string, std::string> Snapshot() const {
    std::map<std::string, std::string> files;
    const std::string state = scratch().PathOf("state");
    const auto look = [&](const std::string& path) {
      struct stat file;
      ASSERT_EQ(lstat(path.c_str(), &file), 0) << path;
      files[path] = absl::StrFormat(
          "inode %d mode %o size %d modified %d.%09d changed %d.%09d",
          file.st_ino, file.st_mode, file.st_size, file.st_mtim.tv_sec,
          file.st_mtim.tv_nsec, file.st_ctim.tv_sec, file.st_ctim.tv_nsec);
    };
    look(state);
    for (const auto& entry : fs::recursive_directory_iterator(state)) {
      look(entry.path());
    }
    return files;
  }

  static ProgramOptions WithVariables(
      const std::map<std::string, std::string>& variables) {
    ProgramOptions options;
    options.environment = variables;
    return options;
  }
};

TEST_F(StoreTest, F39_ModesArePrivateWhateverTheUmask) {
  for (const mode_t mask : {0000, 0077, 0777}) {
    ProgramOptions options;
    options.input = "secret";
    options.prepare = [mask] { umask(mask); };
    // The directories above the state directory are made, too.
    const std::string state =
        scratch().PathOf(absl::StrCat("umask", mask, "/a/state"));
    options.environment["CSA_STATE_DIR"] = state;
    const std::string id =
        Spawn({"--stdin=capture", "--", "sh", "-c", "umask"}, options);
    const Ended wait = Csa({"wait", id}, options);
    EXPECT_EQ(wait.exit_status, 0) << wait.error;
    EXPECT_EQ(wait.output, absl::StrFormat("%04o\n", mask));
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(
             scratch().PathOf(absl::StrCat("umask", mask)))) {
      const bool is_directory = entry.is_directory();
      EXPECT_EQ(static_cast<int>(entry.status().permissions()),
                is_directory ? 0700 : 0600)
          << entry.path();
      // There is one of that name where csa may make cgroups.
      if (!is_directory && entry.path().filename() != "cgroup") ++files;
    }
    EXPECT_EQ(files, 7) << "of those in docs/session-directory.md";
  }
}

TEST_F(StoreTest, F39_WhatIsNoIdIsRefused) {
  MakeFinished(kOld);
  fs::create_directory(scratch().PathOf("state/x"));
  fs::create_directory(Sessions() + "/." + kOther);
  const std::string old = kOld;
  for (const std::string& reference :
       std::vector<std::string>{"../../x",
                                "../x",
                                "..",
                                ".",
                                "/",
                                "./" + old,
                                old + "/",
                                "../sessions/" + old,
                                DirectoryOf(old),
                                "." + std::string(kOther),
                                "",
                                " ",
                                "A01",
                                "AAAAAAAA\n",
                                "*",
                                "????",
                                "01A*",
                                "%s%s%s%s",
                                old + "0",
                                "ILOU",
                                "\xff\xff\xff\xff",
                                "LATEST",
                                "latest "}) {
    ExpectRefused(reference, "session");
  }
}

TEST_F(StoreTest, F36_AnyPartOfAnIdWillDoInEitherCase) {
  MakeFinished(kOther);
  const std::string id = Spawn({"--", "sh", "-c", "exit 9"});
  EXPECT_EQ(Wait(id).exit_status, 9);
  for (const std::string& part :
       {id, id.substr(0, 10), id.substr(0, 4), id.substr(18), id.substr(22),
        id.substr(1, 25)}) {
    for (const std::string& reference : {part, absl::AsciiStrToLower(part)}) {
      EXPECT_EQ(Csa({"wait", reference}).exit_status, 9) << reference;
      EXPECT_EQ(Csa({"attach", reference}).exit_status, 9) << reference;
      EXPECT_EQ(Csa({"kill", reference}).output, id + " already ended\n");
    }
  }
  // From the beginning or from the end, but not from the middle.
  ExpectRefused(id.substr(4, 18), "no such session");
}

TEST_F(StoreTest, F36_APartOfSeveralIdsIsAmbiguous) {
  MakeFinished(kOld);
  MakeFinished(kOther);
  ExpectRefused("01AAAA", absl::StrCat("2 sessions (", kOld, ", ", kOther));
  EXPECT_EQ(Csa({"wait", "AA01"}).exit_status, 7);
  EXPECT_EQ(Csa({"wait", kOld}).exit_status, 7);
  // The end of one and the beginning of another.
  MakeFinished("AA01AAAAAAAAAAAAAAAAAAAA03");
  MakeFinished("7A01AAAAAAAAAAAAAAAAAAAA03");
  MakeFinished("7BAAAAAAAAAAAAAAAAAAAA7A01");
  ExpectRefused("7A01", "2 sessions");
}

TEST_F(StoreTest, F36_HiddenDirectoriesAndOtherFilesAreNoSessions) {
  MakeFinished(kOld);
  fs::create_directory(DirectoryOf(absl::StrCat(".", kOther)));
  fs::create_directory(DirectoryOf(absl::StrCat(".", kOther, ".gc")));
  fs::create_directory(DirectoryOf(absl::AsciiStrToLower(kOther)));
  WriteFile(DirectoryOf("01AAAA"), "");
  EXPECT_EQ(Csa({"wait", "01AA"}).exit_status, 7);
  ExpectRefused(kOther, "no such session");
  ExpectRefused("AA02", "no such session");
}

TEST_F(StoreTest, F36_IdsWorkFromEverywhere) {
  fs::create_directories(scratch().PathOf("project"));
  ProgramOptions removed;
  removed.prepare = [&] {
    const std::string gone = scratch().PathOf("gone");
    if (mkdir(gone.c_str(), 0700) != 0 || chdir(gone.c_str()) != 0 ||
        rmdir(gone.c_str()) != 0) {
      _exit(100);
    }
  };
  const std::string id =
      Spawn({"--cd", scratch().PathOf("project"), "--", "sh", "-c", "exit 8"});
  EXPECT_EQ(Csa({"--cd", "/", "wait", id}).exit_status, 8);
  EXPECT_EQ(Csa({"wait", id}, removed).exit_status, 8);
  EXPECT_EQ(Csa({"kill", id}, removed).exit_status, 0);
  fs::create_directory_symlink("state", scratch().PathOf("link"));
  const ProgramOptions linked =
      WithVariables({{"CSA_STATE_DIR", scratch().PathOf("link")}});
  EXPECT_EQ(Csa({"wait", id}, linked).exit_status, 8);
  EXPECT_EQ(Csa({"attach", id}, linked).exit_status, 8);
  EXPECT_EQ(Csa({"kill", id}, linked).exit_status, 0);
  // And a session that was started through the link, from elsewhere.
  const std::string other = Spawn({"--", "sh", "-c", "exit 6"}, linked);
  EXPECT_EQ(Wait(other).exit_status, 6);
}

TEST_F(StoreTest, F36_LatestIsOfTheCallersOwnLevel) {
  ExpectRefused("latest", "no sessions in");
  const std::string csa = Tool("csa");
  const std::string start = absl::StrCat(csa, " run --tool sh ");
  const std::string wait = absl::StrCat("; ", csa, " wait latest; echo $?; ");
  const std::string outer =
      Run(absl::StrCat(csa, " wait latest; echo $?; ", start, "'exit 3'", wait,
                       start, "'exit 4'", wait));
  const Ended ended = Wait(outer);
  EXPECT_EQ(ended.exit_status, 0);
  const std::vector<std::string> ids = StoreEntries();
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], outer);
  EXPECT_EQ(ended.output,
            absl::StrCat("125\n", ids[1], "\n3\n", ids[2], "\n4\n"));
  // Out here, what runs in a session is not the latest.
  EXPECT_EQ(Csa({"kill", "latest"}).output, outer + " already ended\n");
  const ProgramOptions inside = WithVariables({{"CSA_SESSION_ID", outer}});
  EXPECT_EQ(Csa({"kill", "latest"}, inside).output,
            ids[2] + " already ended\n");
  const std::string newer = Run("exit 5");
  EXPECT_EQ(Wait("latest").exit_status, 5);
}

TEST_F(StoreTest, F39_DirectoriesThatOthersCanWriteAreRefused) {
  for (const mode_t mode : {0770, 0702, 0777}) {
    MakeLost(kOld);
    Restrict(DirectoryOf(kOld), mode);
    ExpectRefused(kOld, kOld);
    ExpectRefused(kOld, "writable by others");
    fs::remove_all(DirectoryOf(kOld));
  }
  // To read is not to meddle.
  MakeFinished(kOther);
  Restrict(DirectoryOf(kOther), 0755);
  EXPECT_EQ(Csa({"wait", kOther}).exit_status, 7);
}

TEST_F(StoreTest, F39_SymbolicLinksAreRefused) {
  MakeLost(kOld);
  const std::string elsewhere = scratch().PathOf("elsewhere");
  fs::rename(DirectoryOf(kOld), elsewhere);
  fs::create_directory_symlink(elsewhere, DirectoryOf(kOld));
  ExpectRefused(kOld, kOld);
  EXPECT_FALSE(fs::exists(elsewhere + "/result.toml"));
}

TEST_F(StoreTest, F39_RecordsThatAreSymbolicLinksAreRefused) {
  MakeFinished(kOld);
  const std::string result = DirectoryOf(kOld) + "/result.toml";
  fs::rename(result, scratch().PathOf("result.toml"));
  fs::create_symlink(scratch().PathOf("result.toml"), result);
  ExpectRefused(kOld, result);
}

TEST_F(StoreTest, F39_DirectoriesOfOthersAreRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  MakeLost(kOld);
  ASSERT_EQ(chown(DirectoryOf(kOld).c_str(), kNobody, kNobody), 0);
  ExpectRefused(kOld, kOld);
  ExpectRefused(kOld, "belongs to user 65534");
  EXPECT_FALSE(fs::exists(DirectoryOf(kOld) + "/result.toml"));
  for (const std::string& directory : {Sessions(), scratch().PathOf("state")}) {
    ASSERT_EQ(chown(directory.c_str(), kNobody, kNobody), 0);
    ExpectRefused(kOther, "belongs to user 65534");
    ExpectNoStart("belongs to user 65534");
    ExpectDoctorSays("belongs to user 65534");
    ASSERT_EQ(chown(directory.c_str(), 0, 0), 0);
  }
}

TEST_F(StoreTest, F39_AStoreThatOthersCanWriteIsRefused) {
  MakeFinished(kOld);
  for (const std::string& directory : {Sessions(), scratch().PathOf("state")}) {
    for (const mode_t mode : {0770, 0702}) {
      Restrict(directory, mode);
      ExpectRefused(kOld, "writable by others");
      ExpectNoStart("writable by others");
      ExpectDoctorSays("writable by others");
      // It is named, so that the user can find it.
      ExpectNoStart(fs::path(directory).filename());
    }
    Restrict(directory, 0700);
  }
  EXPECT_THAT(StoreEntries(), ElementsAre(kOld));
}

TEST_F(StoreTest, F39_ALinkInPlaceOfTheSessionsIsRefused) {
  MakeFinished(kOld);
  fs::rename(Sessions(), scratch().PathOf("moved"));
  fs::create_directory_symlink(scratch().PathOf("moved"), Sessions());
  ExpectRefused(kOld, "sessions");
  ExpectNoStart("sessions");
}

TEST_F(StoreTest, ARelativeStateDirectoryIsRefused) {
  const ProgramOptions options = WithVariables({{"CSA_STATE_DIR", "state"}});
  ExpectNoStart("CSA_STATE_DIR is 'state', which is no absolute path", options);
  ExpectRefused(kOld, "CSA_STATE_DIR is 'state'", options);
}

TEST_F(StoreTest, WithoutAPlaceForSessionsThereAreNone) {
  const ProgramOptions options = WithVariables(
      {{"CSA_STATE_DIR", ""}, {"XDG_STATE_HOME", ""}, {"HOME", ""}});
  ExpectNoStart("HOME", options);
  ExpectNoStart("CSA_STATE_DIR", options);
  ExpectRefused(kOld, "CSA_STATE_DIR", options);
}

TEST_F(StoreTest, IsWhereTheEnvironmentSays) {
  const std::string home = scratch().PathOf("home");
  const std::string xdg = scratch().PathOf("xdg");
  std::map<std::string, std::string> variables = {
      {"CSA_STATE_DIR", ""}, {"XDG_STATE_HOME", ""}, {"HOME", home}};
  const auto start_in = [&](const std::string& state) {
    const ProgramOptions options = WithVariables(variables);
    const std::string id = Spawn({"--", "true"}, options);
    EXPECT_EQ(Csa({"wait", id}, options).exit_status, 0);
    EXPECT_TRUE(fs::exists(state + "/sessions/" + id)) << state;
  };
  start_in(home + "/.local/state/csa");
  // The specification has relative ones ignored.
  variables["XDG_STATE_HOME"] = "xdg";
  start_in(home + "/.local/state/csa");
  variables["XDG_STATE_HOME"] = xdg;
  start_in(xdg + "/csa");
  variables["CSA_STATE_DIR"] = scratch().PathOf("state");
  start_in(scratch().PathOf("state"));
}

TEST_F(StoreTest, TheCommandsEnvironmentDoesNotMoveIt) {
  const std::string elsewhere = scratch().PathOf("elsewhere");
  const std::string id =
      Spawn({absl::StrCat("--env=CSA_STATE_DIR=", elsewhere), "--env",
             "HOME=/nowhere", "--", "sh", "-c",
             "echo $CSA_STATE_DIR; echo $HOME; echo $CSA_SESSION_DIR"});
  EXPECT_EQ(Wait(id).output,
            absl::StrCat(elsewhere, "\n/nowhere\n", DirectoryOf(id), "\n"));
  EXPECT_THAT(StoreEntries(), ElementsAre(id));
  EXPECT_FALSE(fs::exists(elsewhere));
}

TEST_F(StoreTest, TheCommandIsNotToldAnotherSession) {
  for (const std::string name : {"CSA_SESSION_ID", "CSA_SESSION_DIR",
                                 "CSA_PARENT_SESSION", "CSA_DEPTH"}) {
    for (const std::string command : {"spawn", "run"}) {
      const Ended ended =
          Csa({command, "--env", name + "=x", "--tool", "sh", "true"});
      EXPECT_EQ(ended.exit_status, 125);
      EXPECT_EQ(ended.output, "");
      EXPECT_THAT(ended.error, HasSubstr(name));
    }
  }
  EXPECT_THAT(StoreEntries(), IsEmpty());
}

TEST_F(StoreTest, F08_RecordsSayWhatWasStarted) {
  fs::create_directory(scratch().PathOf("project"));
  fs::create_directory_symlink("project", scratch().PathOf("link"));
  ProgramOptions options;
  options.input = std::string("a prompt\n\0\xff without newline", 27);
  const std::string odd = " two\nlines \xff'\"\\";
  const Ended spawn =
      Csa({"spawn", "--cd", scratch().PathOf("link"), "--stdin=capture",
           "--prompt-to=none", "--description=what for", "--model=m",
           "--tool=t", "--timeout=1h30m", "--idle-timeout=5m", "--label=k=v=w",
           "--", "sh", "-c", "exit 0", odd, "", "--"},
          options);
  ASSERT_EQ(spawn.exit_status, 0) << spawn.error;
  const std::string id = spawn.output.substr(0, 26);
  EXPECT_EQ(Wait(id).exit_status, 0);
  EXPECT_EQ(FileOf(id, "prompt.txt"), options.input);
  const std::string end("\0", 1);
  EXPECT_EQ(FileOf(id, "command"), absl::StrCat("sh", end, "-c", end, "exit 0",
                                                end, odd, end, end, "--", end));
  EXPECT_THAT(spawn.error,
              HasSubstr(absl::StrCat("pid=", SupervisorOf(id), " ")));
  EXPECT_EQ(FileOf(id, "daemon.pid"), absl::StrCat(SupervisorOf(id), "\n"));
  auto json = nlohmann::json::parse(FileOf(id, "session.json"));
  EXPECT_THAT(json["created_at"].get<std::string>(),
              testing::MatchesRegex("[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z"));
  json.erase("created_at");
  EXPECT_EQ(json["pid_namespace"], OwnPidNamespace());
  json.erase("pid_namespace");
  EXPECT_EQ(
      json,
      nlohmann::json({
          {"schema_version", 1},
          {"id", id},
          {"argv",
           {"sh", "-c", "exit 0", " two\nlines \xef\xbf\xbd'\"\\", "", "--"}},
          {"project", scratch().PathOf("project")},
          {"description", "what for"},
          {"tool", "t"},
          {"model", "m"},
          {"access", nullptr},
          {"conversation", nullptr},
          {"continues", nullptr},
          {"ends_nested", false},
          {"parent", nullptr},
          {"depth", 1},
          {"timeout_seconds", 5400.0},
          {"idle_timeout_seconds", 300.0},
          {"memory_max_bytes", nullptr},
          {"labels", {{"k", "v=w"}}},
          {"stdin", "null"},
      }));
}

TEST_F(StoreTest, F34_ReadersChangeNothing) {
  const std::string finished = Spawn({"--", "sh", "-c", "echo a; exit 5"});
  EXPECT_EQ(Wait(finished).exit_status, 5);
  const std::string lost = Spawn({"--", "sleep", "1000"});
  KillSupervisor(lost);
  const std::string running = Spawn({"--", "sh", "-c", "echo b; sleep 1000"});
  Program first(CsaArgv({"attach", running}), InTest());
  first.AwaitOutput("b\n");
  const auto before = Snapshot();

  EXPECT_EQ(Csa({"wait", finished}).exit_status, 5);
  EXPECT_EQ(Csa({"attach", finished}).exit_status, 5);
  EXPECT_EQ(Csa({"kill", finished}).exit_status, 0);
  EXPECT_EQ(Csa({"wait", lost}).exit_status, 1);
  EXPECT_EQ(Csa({"attach", lost}).exit_status, 1);
  Program wait(CsaArgv({"wait", running}), InTest());
  Program attach(CsaArgv({"attach", running}), InTest());
  attach.AwaitOutput("b\n");
  attach.Signal(SIGINT);
  EXPECT_EQ(attach.Await().exit_status, 130);
  wait.Signal(SIGTERM);
  EXPECT_EQ(wait.Await().signal, SIGTERM);
  EXPECT_EQ(Snapshot(), before);

  // Once it is published, nothing changes it.
  EXPECT_EQ(Csa({"kill", lost}).exit_status, 0);
  const auto published = Snapshot();
  EXPECT_NE(published, before);
  EXPECT_EQ(Csa({"kill", lost}).output, lost + " already ended\n");
  EXPECT_EQ(Csa({"wait", lost}).exit_status, 1);
  EXPECT_EQ(Snapshot(), published);
}

// csa-supervise is also started by others than csa-spawn.
class SuperviseTest : public StoreTest {
 protected:
  SuperviseTest() { Prepare(kOther, {"sh", "-c", "exit 4"}); }

  Ended Supervise(const std::string& path, const std::string& id) const {
    return RunProgram({Tool("csa-supervise"), path}, InTest(InSession(id)));
  }

  void ExpectRefusal(const std::string& path, const std::string& id,
                     const std::string& text) const {
    const auto before = Snapshot();
    const Ended ended = Supervise(path, id);
    EXPECT_EQ(ended.exit_status, 125);
    EXPECT_THAT(ended.error, HasSubstr(text));
    EXPECT_EQ(Snapshot(), before);
  }

  const std::string hidden_ = absl::StrCat(".", kOther);
};

TEST_F(SuperviseTest, ExecutesWhatTheDirectorySays) {
  EXPECT_EQ(Supervise(DirectoryOf(hidden_), kOther).exit_status, 0);
  EXPECT_EQ(Wait(kOther).exit_status, 4);
}

TEST_F(SuperviseTest, RefusesWhatHasHadItsSupervisor) {
  WriteFile(DirectoryOf(hidden_) + "/daemon.pid", "1\n");
  ExpectRefusal(DirectoryOf(hidden_), kOther, "has a supervisor");
}

TEST_F(SuperviseTest, RefusesWhatHasItsResult) {
  WriteFile(DirectoryOf(hidden_) + "/result.toml", "");
  ExpectRefusal(DirectoryOf(hidden_), kOther, "has had its life");
}

TEST_F(SuperviseTest, RefusesWhatCanBeSeenAlready) {
  fs::rename(DirectoryOf(hidden_), DirectoryOf(kOther));
  ExpectRefusal(DirectoryOf(kOther), kOther, kOther);
}

TEST_F(SuperviseTest, RefusesAnotherSessionsEnvironment) {
  ExpectRefusal(DirectoryOf(hidden_), kOld, "CSA_SESSION_ID is not");
  ExpectRefusal(DirectoryOf(hidden_), "", "CSA_SESSION_ID is not");
}

TEST_F(SuperviseTest, RefusesWhatItCannotTrustOrRead) {
  ExpectRefusal(DirectoryOf(absl::StrCat(".", kOld)), kOld, "no such session");
  Restrict(DirectoryOf(hidden_), 0770);
  ExpectRefusal(DirectoryOf(hidden_), kOther, "writable by others");
  Restrict(DirectoryOf(hidden_), 0700);
  ExpectRefusal("state/sessions/" + hidden_, kOther, "absolute");
  WriteFile(DirectoryOf(hidden_) + "/command", "sh");
  ExpectRefusal(DirectoryOf(hidden_), kOther, "command: ");
  WriteFile(DirectoryOf(hidden_) + "/session.json", "{");
  ExpectRefusal(DirectoryOf(hidden_), kOther, "session.json: ");
}

TEST_F(SuperviseTest, NeverReplacesASession) {
  MakeFinished(kOther);
  const Ended ended = Supervise(DirectoryOf(hidden_), kOther);
  EXPECT_EQ(ended.exit_status, 125);
  EXPECT_EQ(Wait(kOther).exit_status, 7);
}

TEST_F(StoreTest, AReadOnlyStoreCanBeRead) {
  fs::create_directory(scratch().PathOf("state"));
  PrivateMount mount("tmpfs", scratch().PathOf("state"), "mode=0700");
  MakeFinished(kOld);
  MakeLost(kOther);
  mount.MakeReadOnly();
  ExpectNoStart("ead-only file system");
  EXPECT_EQ(Csa({"wait", kOld}).exit_status, 7);
  EXPECT_EQ(Csa({"attach", kOther}).exit_status, 1);
  EXPECT_EQ(Csa({"kill", kOld}).exit_status, 0);
  // That it is lost cannot be written down.
  const Ended kill = Csa({"kill", kOther});
  EXPECT_EQ(kill.exit_status, 125);
  EXPECT_THAT(kill.error, HasSubstr("ead-only file system"));
  EXPECT_THAT(StoreEntries(), ElementsAre(kOld, kOther));
}

TEST_F(StoreTest, AnEmptyReadOnlyStoreIsNamed) {
  fs::create_directory(scratch().PathOf("state"));
  PrivateMount mount("tmpfs", scratch().PathOf("state"), "mode=0700");
  mount.MakeReadOnly();
  ExpectNoStart("ead-only file system");
  ExpectNoStart("sessions");
}

// Whoever opened a record of another session would wait for a writer for ever.
TEST_F(StoreTest, F37_OtherSessionsAreNotRead) {
  const std::string old = Run("exit 2");
  EXPECT_EQ(Wait(old).exit_status, 2);
  std::vector<std::string> directories;
  const absl::Cleanup remove = [&] {
    for (const std::string& directory : directories) fs::remove_all(directory);
  };
  for (int i = 0; i < 1000; ++i) {
    const std::string directory =
        DirectoryOf(absl::StrFormat("01AAAAAAAAAAAAAAAAAAAA%04d", i));
    directories.push_back(directory);
    fs::create_directory(directory);
    Restrict(directory, 0700);
    for (const char* record : {"result.toml", "session.json", "daemon.pid"}) {
      const std::string path = absl::StrCat(directory, "/", record);
      ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    }
  }
  const std::string id = Run("exit 3");
  EXPECT_EQ(Wait(id).exit_status, 3);
  for (const std::string& reference :
       {id, id.substr(18), id.substr(0, 25), std::string("latest")}) {
    EXPECT_EQ(Csa({"wait", reference}).exit_status, 3);
    EXPECT_EQ(Csa({"attach", reference}).exit_status, 3);
    EXPECT_EQ(Csa({"kill", reference}).exit_status, 0);
  }
}

}  // namespace
}  // namespace csa
