// Promise: csa-gc ends what is left of lost sessions, removes what is left of
// those that never began, and the finished ones that are not to be kept. It
// touches no other session, and in a dry run nothing.

#include <fcntl.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/os/pid_fd.h"
#include "common/os/proc.h"
#include "common/session/session_id.h"
#include "common/session/session_result.h"
#include "common/session/session_store.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class GcTest : public CsaTest {
 protected:
  Ended Gc(const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments = {"gc"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return Csa(arguments);
  }

  // A lost session with processes of these kinds on the lifeline, but for the
  // command itself, which the kernel has ended.
  std::string LoseHostile(const std::string& kinds, int processes) {
    std::string id = Spawn({"--", Hostile(), lifeline_.path(), kinds});
    lifeline_.AwaitReady(processes);
    const absl::StatusOr<PidFd> leader = PidFd::Open(LeaderOf(id));
    EXPECT_TRUE(leader.ok()) << leader.status();
    KillSupervisor(id);
    EXPECT_TRUE(leader.ok() && leader->AwaitDeath(absl::InfiniteFuture()).ok());
    return id;
  }

  // The command of a running session: the one child of its supervisor that
  // leads a process group.
  pid_t LeaderOf(const std::string& id) const {
    const pid_t supervisor = SupervisorOf(id);
    for (const pid_t pid : AllProcesses()) {
      const absl::StatusOr<ProcessStat> process = ReadProcessStat(pid);
      if (process.ok() && process->parent == supervisor &&
          process->group == pid) {
        return pid;
      }
    }
    ADD_FAILURE() << "supervisor " << supervisor << " has no command";
    return 0;
  }

  // The id of a hidden directory with a file in it, last changed in 1970 or
  // now.
  std::string MakeHidden(bool old) const {
    const SessionId id = SessionId::Generate(absl::UnixEpoch());
    const std::string path = DirectoryOf(HiddenName(id));
    EXPECT_EQ(mkdir(path.c_str(), 0700), 0) << path;
    WriteFile(path + "/prompt.txt", "words");
    const timespec times[] = {{.tv_sec = 1, .tv_nsec = 0},
                              {.tv_sec = 1, .tv_nsec = 0}};
    EXPECT_TRUE(!old || utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    return id.text();
  }

  // The disk space of a directory with files.
  static int64_t BytesOf(const std::string& directory) {
    struct stat status = {};
    EXPECT_EQ(stat(directory.c_str(), &status), 0) << directory;
    int64_t blocks = status.st_blocks;
    for (const auto& entry : fs::directory_iterator(directory)) {
      EXPECT_EQ(stat(entry.path().c_str(), &status), 0) << entry;
      blocks += status.st_blocks;
    }
    return blocks * 512;
  }

  // A session of nothing but records, started and over so long ago, which has
  // written `output`. Returns its id.
  std::string MakeFinished(absl::Duration started, absl::Duration over,
                           const std::string& output = "") const {
    const absl::Time now = absl::Now();
    std::string id = SessionId::Generate(now - started).text();
    Prepare(id, {"true"});
    const std::string hidden = HiddenDirectoryOf(id);
    WriteFile(hidden + "/daemon.pid", "1\n");
    WriteFile(hidden + "/stdout.log", output);
    WriteFile(hidden + "/result.toml",
              FormatSessionResult({.id = id,
                                   .status = SessionStatus::kSuccess,
                                   .exit_code = 0,
                                   .command_exit = 0,
                                   .started_at = now - started,
                                   .completed_at = now - over}));
    fs::rename(hidden, DirectoryOf(id));
    return id;
  }

  // All that is in the state directory: each path with what can be known of it.
  std::map<std::string, std::string> Snapshot() const {
    std::map<std::string, std::string> snapshot;
    for (const auto& entry :
         fs::recursive_directory_iterator(scratch().PathOf("state"))) {
      struct stat status = {};
      EXPECT_EQ(lstat(entry.path().c_str(), &status), 0) << entry;
      snapshot[entry.path()] = absl::StrCat(
          status.st_ino, " ", status.st_mode, " ", status.st_uid, " ",
          absl::FormatTime(absl::TimeFromTimespec(status.st_mtim)), " ",
          absl::FormatTime(absl::TimeFromTimespec(status.st_ctim)), " ",
          S_ISREG(status.st_mode) ? ReadFile(entry.path()) : "");
    }
    return snapshot;
  }

  // The lines for these sessions, with this outcome.
  static std::string Lines(const std::vector<std::string>& ids,
                           absl::string_view outcome) {
    std::string lines;
    for (const std::string& id : ids) {
      absl::StrAppend(&lines, id, " ", outcome, "\n");
    }
    return lines;
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

TEST_F(GcTest, IsContentWhereThereAreNoSessions) {
  const Ended gc = Gc();
  EXPECT_EQ(gc.exit_status, 0);
  EXPECT_EQ(gc.output, "");
  EXPECT_EQ(gc.error, "");
  EXPECT_EQ(Gc({"operand"}).exit_status, 125);
}

TEST_F(GcTest, F22_EndsWhatIsLeftOfALostSession) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string running =
      Run(absl::StrCat("read go < ", gate.path(), "; exit 4"));
  const std::string lost = LoseHostile("setsid,daemon,ignore-term", 4);
  const Ended gc = Gc();
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(gc.exit_status, 0) << gc.error;
  EXPECT_EQ(gc.output, absl::StrCat(lost, " lost\n"));
  EXPECT_EQ(gc.error, "");
  EXPECT_EQ(ResultOf(lost).status, SessionStatus::kLost);
  EXPECT_EQ(ResultOf(lost).strays, 3);
  EXPECT_EQ(Wait(lost).exit_status, 1);
  const Ended again = Gc();
  EXPECT_EQ(again.exit_status, 0);
  EXPECT_EQ(again.output, "");
  EXPECT_TRUE(IsRunning(running));
  gate.Open();
  EXPECT_EQ(Wait(running).exit_status, 4);
}

// In a copy of the store, nobody has the lock.
TEST_F(GcTest, F24_ACopyOfASessionThatRunsEndsNothing) {
  const std::string id =
      Spawn({"--", Hostile(), lifeline_.path(), "setsid,daemon"});
  lifeline_.AwaitReady(3);
  const std::string copy = scratch().PathOf("copy");
  fs::copy(fs::path(Sessions()).parent_path(), copy,
           fs::copy_options::recursive);
  ProgramOptions options;
  options.environment = {{"CSA_STATE_DIR", copy}};
  for (const char* mode : {"--dry-run", "--dry-run=false"}) {
    const Ended gc = Csa({"gc", mode}, options);
    EXPECT_EQ(gc.exit_status, 125);
    EXPECT_EQ(gc.output, "");
    EXPECT_THAT(gc.error,
                AllOf(HasSubstr(absl::StrCat(copy, "/sessions/", id)),
                      HasSubstr(absl::StrCat("runs in ", DirectoryOf(id)))));
  }
  EXPECT_TRUE(IsRunning(id));
  EXPECT_FALSE(lifeline_.AllDead());
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

TEST_F(GcTest, RemovesOldHiddenDirectories) {
  const std::string finished = Run("exit 3");
  EXPECT_EQ(Wait(finished).exit_status, 3);
  const std::string young = MakeHidden(false);
  const std::string old = MakeHidden(true);
  const int64_t bytes = BytesOf(HiddenDirectoryOf(old));
  const Ended gc = Gc({"--format=json"});
  EXPECT_EQ(gc.exit_status, 0) << gc.error;
  EXPECT_EQ(gc.output,
            absl::StrCat("{\"session_id\":\"", old,
                         "\",\"outcome\":\"removed\",\"strays\":0,\"bytes\":",
                         bytes, ",\"dry_run\":false}\n"));
  EXPECT_THAT(StoreEntries(), UnorderedElementsAre("." + young, finished));
  EXPECT_EQ(ResultOf(finished).exit_code, 3);
}

TEST_F(GcTest, F12_OneThatCannotBeReadDoesNotStopTheOthers) {
  const std::string corrupt = Run("exit 3");
  Wait(corrupt);
  WriteFile(DirectoryOf(corrupt) + "/result.toml", "status = \"succ");
  const std::string lost = LoseHostile("setsid", 2);
  const Ended gc = Gc();
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(gc.exit_status, 125);
  EXPECT_EQ(gc.output, absl::StrCat(lost, " lost\n"));
  EXPECT_THAT(gc.error, HasSubstr(DirectoryOf(corrupt) + "/result.toml"));
  EXPECT_THAT(gc.error,
              HasSubstr("csa-gc: sessions that could not be cleared: 1\n"));
}

TEST_F(GcTest, F28_TwoAtOnceClearTogether) {
  const std::string lost = LoseHostile("setsid,daemon", 3);
  for (int i = 0; i < 20; ++i) MakeHidden(true);
  Program first(CsaArgv({"gc"}), InTest());
  Program second(CsaArgv({"gc"}), InTest());
  for (Program* gc : {&first, &second}) {
    const Ended ended = gc->Await();
    EXPECT_EQ(ended.exit_status, 0);
    EXPECT_EQ(ended.error, "");
  }
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_THAT(StoreEntries(), ElementsAre(lost));
  EXPECT_EQ(ResultOf(lost).status, SessionStatus::kLost);
}

TEST_F(GcTest, F35_ADryRunTellsWhatTheSameCallDoesAndChangesNothing) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string oldest = MakeFinished(absl::Hours(30), absl::Hours(29));
  const std::string old = MakeFinished(absl::Hours(20), absl::Hours(19));
  const std::string young = MakeFinished(absl::Hours(10), absl::Hours(1));
  const std::string running =
      Run(absl::StrCat("read go < ", gate.path(), "; exit 4"));
  const std::string lost = LoseHostile("setsid,daemon", 3);
  const std::string half_made = MakeHidden(true);
  const std::string being_made =
      HiddenName(SessionId::Parse(MakeHidden(false)).value());
  const std::vector<std::pair<std::vector<std::string>, std::string>> calls = {
      {{"--older=1d"},
       Lines({lost}, "lost") + Lines({half_made, oldest}, "removed")},
      {{"--keep=2"}, Lines({old}, "removed")},
      {{"--size=1"}, Lines({young, lost}, "removed")}};
  const Ended first = Gc({"--dry-run", "--keep=0"});
  EXPECT_EQ(first.output,
            Lines({lost}, "lost") +
                Lines({half_made, oldest, old, young, lost}, "removed"));
  for (const auto& [options, lines] : calls) {
    std::vector<std::string> dry_options = {"--dry-run"};
    dry_options.insert(dry_options.end(), options.begin(), options.end());
    const std::map<std::string, std::string> before = Snapshot();
    const Ended dry = Gc(dry_options);
    dry_options.emplace_back("--format=json");
    const Ended dry_json = Gc(dry_options);
    EXPECT_EQ(Snapshot(), before);
    EXPECT_EQ(dry.exit_status, 0);
    EXPECT_EQ(dry.output, lines);
    EXPECT_EQ(dry.error, "A dry run: nothing is changed.\n");
    EXPECT_EQ(lifeline_.AllDead(), lines.find("lost") == lines.npos);
    std::vector<std::string> json_options = options;
    json_options.emplace_back("--format=json");
    const Ended real = Gc(json_options);
    EXPECT_EQ(real.exit_status, 0);
    EXPECT_EQ(real.error, "");
    EXPECT_EQ(real.output,
              absl::StrReplaceAll(dry_json.output,
                                  {{"\"dry_run\":true", "\"dry_run\":false"}}));
    EXPECT_TRUE(lifeline_.AllDead());
  }
  EXPECT_THAT(StoreEntries(), UnorderedElementsAre(being_made, running));
  gate.Open();
  EXPECT_EQ(Wait(running).exit_status, 4);
}

TEST_F(GcTest, F35_NeverRemovesWhatIsRunning) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string running =
      Run(absl::StrCat("echo words; read go < ", gate.path(), "; exit 4"));
  const Ended gc = Gc({"--keep=0", "--older=1ms", "--size=1"});
  EXPECT_EQ(gc.exit_status, 0);
  EXPECT_EQ(gc.output, "");
  EXPECT_EQ(gc.error, "");
  gate.Open();
  const Ended wait = Wait(running);
  EXPECT_EQ(wait.exit_status, 4);
  EXPECT_EQ(wait.output, "words\n");
  // Its supervisor may not have gone yet: that one leaves it to the next.
  Gc({"--keep=0"});
  EXPECT_EQ(Gc({"--keep=0"}).exit_status, 0);
  EXPECT_THAT(StoreEntries(), IsEmpty());
  EXPECT_EQ(Wait(running).exit_status, 125);
}

TEST_F(GcTest, F35_NeverRemovesWhatTheCallerWasStartedFrom) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string outer =
      Run(absl::StrCat(Tool("csa"), " spawn -- sh -c 'read go < ", gate.path(),
                       "; ", Tool("csa"), " gc --keep=0'"));
  const Ended outer_ended = Wait(outer);
  EXPECT_EQ(outer_ended.exit_status, 0) << outer_ended.error;
  const std::string nested(absl::StripSuffix(outer_ended.output, "\n"));
  const std::string other = MakeFinished(absl::Hours(2), absl::Hours(1));
  gate.Open();
  const Ended nested_ended = Wait(nested);
  EXPECT_EQ(nested_ended.exit_status, 0);
  EXPECT_EQ(nested_ended.output, Lines({other}, "removed"));
  EXPECT_THAT(StoreEntries(), UnorderedElementsAre(outer, nested));
}

TEST_F(GcTest, OlderGoesByTheEndOfASession) {
  const std::string old =
      MakeFinished(absl::Hours(24 * 9), absl::Hours(24 * 8));
  const std::string late =
      MakeFinished(absl::Hours(24 * 9), absl::Hours(24 * 6));
  const std::string young = MakeFinished(absl::Hours(2), absl::Hours(1));
  EXPECT_EQ(Gc({"--older=7d"}).output, Lines({old}, "removed"));
  EXPECT_EQ(Gc({"--older", "3h"}).output, Lines({late}, "removed"));
  EXPECT_EQ(Gc({"--older=7200"}).output, "");
  EXPECT_EQ(Gc().output, "");
  EXPECT_THAT(StoreEntries(), ElementsAre(young));
}

TEST_F(GcTest, SizeIsThatOfAllSessions) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string words(1 << 20, 'x');
  const std::string oldest =
      MakeFinished(absl::Hours(5), absl::Hours(4), words);
  const std::string old = MakeFinished(absl::Hours(3), absl::Hours(2), words);
  const std::string young = MakeFinished(absl::Hours(1), absl::Hours(0), words);
  const std::string running =
      Run(absl::StrCat("head -c 1048576 /dev/zero; ", "echo > ",
                       lifeline_.path(), "; read go < ", gate.path()));
  lifeline_.AwaitReady(1);
  EXPECT_EQ(Gc({"--size=5M"}).output, "");
  const int64_t bytes = BytesOf(DirectoryOf(oldest));
  EXPECT_EQ(Gc({"--size=3500K", "--format=json"}).output,
            absl::StrCat("{\"session_id\":\"", oldest,
                         "\",\"outcome\":\"removed\",\"strays\":0,\"bytes\":",
                         bytes, ",\"dry_run\":false}\n"));
  EXPECT_EQ(Gc({"--size", "1200K"}).output, Lines({old, young}, "removed"));
  EXPECT_EQ(Gc({"--size=1"}).output, "");
  gate.Open();
  EXPECT_EQ(Wait(running).exit_status, 0);
}

TEST_F(GcTest, EachLimitHoldsByItself) {
  const std::string a = MakeFinished(absl::Hours(9), absl::Hours(1));
  const std::string b = MakeFinished(absl::Hours(8), absl::Hours(7));
  const std::string c = MakeFinished(absl::Hours(7), absl::Hours(1));
  EXPECT_EQ(Gc({"--keep=2", "--older=2h", "--size=1G"}).output,
            Lines({a, b}, "removed"));
  EXPECT_THAT(StoreEntries(), ElementsAre(c));
}

TEST_F(GcTest, F12_AWaiterWhoseSessionIsRemovedClaimsNothing) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string id =
      Run(absl::StrCat("echo words; read go < ", gate.path()));
  const std::unique_ptr<Program> waiter = StartWaiter(id, {"wait", id});
  // It is to look when the session has been removed, and not before.
  waiter->Signal(SIGSTOP);
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
  gate.Open();
  ASSERT_TRUE(supervisor->AwaitDeath(absl::InfiniteFuture()).ok());
  EXPECT_EQ(Gc({"--keep=0"}).output, Lines({id}, "removed"));
  waiter->Signal(SIGCONT);
  const Ended ended = waiter->Await();
  EXPECT_EQ(ended.exit_status, 125);
  EXPECT_EQ(ended.output, "");
  EXPECT_EQ(ended.error,
            absl::StrCat("csa-wait: session ", id, " has been removed\n"));
}

TEST_F(GcTest, F28_TwoAtOnceRemoveTogether) {
  std::vector<std::string> ids;
  for (int i = 40; i > 0; --i) {
    ids.push_back(MakeFinished(absl::Hours(i), absl::Hours(i)));
  }
  Program first(CsaArgv({"gc", "--keep=3"}), InTest());
  Program second(CsaArgv({"gc", "--keep=3"}), InTest());
  std::string output;
  for (Program* gc : {&first, &second}) {
    const Ended ended = gc->Await();
    EXPECT_EQ(ended.exit_status, 0);
    EXPECT_EQ(ended.error, "");
    output += ended.output;
  }
  const std::vector<std::string> kept(ids.end() - 3, ids.end());
  ids.resize(ids.size() - kept.size());
  for (const std::string& id : ids) {
    EXPECT_THAT(output, HasSubstr(Lines({id}, "removed")));
  }
  EXPECT_EQ(StoreEntries(), kept);
}

TEST_F(GcTest, F12_ACorruptSessionIsNamedAndNeverRemoved) {
  const std::string corrupt = MakeFinished(absl::Hours(2), absl::Hours(1));
  WriteFile(DirectoryOf(corrupt) + "/result.toml", "status = \"succ");
  const std::string good = MakeFinished(absl::Hours(2), absl::Hours(1));
  for (const char* mode : {"--dry-run", "--dry-run=false"}) {
    const Ended gc = Gc({"--keep=0", "--older=1s", "--size=1", mode});
    EXPECT_EQ(gc.exit_status, 125);
    EXPECT_EQ(gc.output, Lines({good}, "removed"));
    const std::vector<std::string> named =
        absl::StrSplit(gc.error, DirectoryOf(corrupt) + "/result.toml");
    EXPECT_EQ(named.size(), 2U) << gc.error;
    EXPECT_THAT(gc.error, HasSubstr(absl::StrCat("when it is of no more use, "
                                                 "remove ",
                                                 DirectoryOf(corrupt), "\n")));
  }
  EXPECT_THAT(StoreEntries(), ElementsAre(corrupt));
}

TEST_F(GcTest, F03_AMistakeIsFoundBeforeAnythingIsDone) {
  MakeFinished(absl::Hours(2), absl::Hours(1));
  LoseHostile("setsid", 2);
  MakeHidden(true);
  const std::map<std::string, std::string> before = Snapshot();
  for (const char* option :
       {"--older=0d", "--older=soon", "--older=", "--keep=-1", "--keep=few",
        "--keep=", "--size=0", "--size=1.5G", "--size=-1", "--dry-run=maybe",
        "--keep"}) {
    const Ended gc = Gc({option});
    EXPECT_EQ(gc.exit_status, 125) << option;
    EXPECT_EQ(gc.output, "") << option;
    EXPECT_THAT(gc.error, HasSubstr(std::string(option).substr(
                              0, std::string(option).find('='))));
  }
  EXPECT_EQ(Snapshot(), before);
  EXPECT_FALSE(lifeline_.AllDead());
}

}  // namespace
}  // namespace csa
