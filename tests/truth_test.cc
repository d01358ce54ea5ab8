// Promise: nothing about a session is lost or invented. One result, whole, the
// same for everybody who looks.

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/os/pid_fd.h"
#include "common/os/unique_fd.h"
#include "common/session/session_result.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

using Json = nlohmann::json;

// What is told of what has been moved into, or changed in, a directory.
class Witness {
 public:
  explicit Witness(const std::string& directory, uint32_t events)
      : fd_(inotify_init1(IN_CLOEXEC)) {
    EXPECT_GE(inotify_add_watch(fd_.get(), directory.c_str(), events), 0);
  }

  // The names that events have come for, one for each, in order. Blocks until
  // there is one if `block`.
  std::vector<std::string> Names(bool block) {
    fcntl(fd_.get(), F_SETFL, block ? 0 : O_NONBLOCK);
    alignas(inotify_event) std::array<char, 65536> buffer;
    const ssize_t size = read(fd_.get(), buffer.data(), buffer.size());
    std::vector<std::string> names;
    for (ssize_t at = 0; at < size;) {
      const auto* event =
          reinterpret_cast<const inotify_event*>(buffer.data() + at);
      names.emplace_back(event->len > 0 ? event->name : "");
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
    return names;
  }

 private:
  UniqueFd fd_;
};

class TruthTest : public CsaTest {
 protected:
  static std::string Completed(const std::string& id, absl::string_view status,
                               int exit_code) {
    return absl::StrCat("<!-- CSA:SESSION_WAIT_COMPLETED session=", id,
                        " status=", status, " exit=", exit_code,
                        " strays=0 -->\n");
  }

  std::string ResultPath(const std::string& id) const {
    return absl::StrCat(DirectoryOf(id), "/", kResultFile);
  }

  // Starts csa with these arguments and does not wait for it.
  void Start(std::list<Program>& programs,
             const std::vector<std::string>& arguments) const {
    programs.emplace_back(CsaArgv(arguments), InTest());
  }

  // Waits for the session again and again, ends it again, and expects what the
  // published result says, which must stay as it is.
  void ExpectOneTruth(const std::string& id) const {
    const std::string published = FileOf(id, kResultFile);
    const SessionResult result = ResultOf(id);
    for (int round = 0; round < 2; ++round) {
      const Ended wait = Wait(id);
      EXPECT_EQ(wait.exit_status, result.exit_code);
      EXPECT_THAT(wait.error, HasSubstr(absl::StrCat(
                                  " status=", SessionStatusName(result.status),
                                  " exit=", result.exit_code, " ")));
      const Ended kill = Kill(id);
      EXPECT_EQ(kill.exit_status, 0) << kill.error;
      EXPECT_EQ(kill.output, absl::StrCat(id, " already ended\n"));
    }
    EXPECT_EQ(FileOf(id, kResultFile), published);
  }
};

// How a command ends, and what is told of it.
struct Outcome {
  std::string script;
  std::string status;
  int exit_code;
  int wait_exit;
  std::optional<int> command_exit;
  std::optional<int> command_signal;
};

std::vector<Outcome> Outcomes() {
  return {
      {"exit 0", "success", 0, 0, 0, {}},
      {"exit 1", "failure", 1, 1, 1, {}},
      {"exit 7", "failure", 7, 7, 7, {}},
      {"exit 124", "failure", 124, 1, 124, {}},
      {"exit 125", "failure", 125, 125, 125, {}},
      {"exit 126", "failure", 126, 126, 126, {}},
      {"exit 127", "failure", 127, 127, 127, {}},
      {"exit 143", "failure", 143, 143, 143, {}},
      {"exit 255", "failure", 255, 255, 255, {}},
      {"kill -TERM $$", "signal", 143, 143, {}, SIGTERM},
      {"kill -KILL $$", "signal", 137, 137, {}, SIGKILL},
      {"kill -INT $$", "signal", 130, 130, {}, SIGINT},
      {"ulimit -c 0; kill -SEGV $$", "signal", 139, 139, {}, SIGSEGV},
  };
}

TEST_F(TruthTest, F14_TheOutcomeComesThroughUnchanged) {
  for (const Outcome& outcome : Outcomes()) {
    SCOPED_TRACE(outcome.script);
    const std::string id = Run("echo out; echo err >&2; " + outcome.script);
    const Ended wait = Wait(id);
    EXPECT_EQ(wait.exit_status, outcome.wait_exit);
    EXPECT_EQ(wait.output, "out\n");
    EXPECT_EQ(wait.error, Completed(id, outcome.status, outcome.exit_code));
    const SessionResult result = ResultOf(id);
    EXPECT_EQ(SessionStatusName(result.status), outcome.status);
    EXPECT_EQ(result.exit_code, outcome.exit_code);
    EXPECT_EQ(result.command_exit, outcome.command_exit);
    EXPECT_EQ(result.command_signal, outcome.command_signal);
    EXPECT_EQ(result.id, id);
    EXPECT_EQ(result.tool, "sh");
    EXPECT_EQ(result.summary, "out");
    EXPECT_EQ(result.ended_by, "");
    const Ended attach = Csa({"attach", id});
    EXPECT_EQ(attach.exit_status, outcome.exit_code);
    EXPECT_EQ(attach.output, "out\n");
    EXPECT_EQ(attach.error, "err\n");
  }
}

TEST_F(TruthTest, F14_JsonTellsTheOutcome) {
  for (const Outcome& outcome : Outcomes()) {
    SCOPED_TRACE(outcome.script);
    const std::string id = Run("echo out; " + outcome.script);
    const Ended wait = Csa({"--format", "json", "wait", id});
    EXPECT_EQ(wait.exit_status, outcome.wait_exit);
    const Json json = Json::parse(wait.output, nullptr, false);
    ASSERT_TRUE(json.is_object()) << wait.output;
    EXPECT_EQ(json.value("session_id", ""), id);
    EXPECT_EQ(json.value("state", ""), "finished");
    EXPECT_EQ(json.value("status", ""), outcome.status);
    EXPECT_EQ(json.value("exit_code", -1), outcome.exit_code);
    EXPECT_EQ(json.value("summary", ""), "out");
    EXPECT_TRUE(json["wall_seconds"].is_number());
    EXPECT_EQ(ReadFile(json.value("stdout_path", "")), "out\n");
    EXPECT_EQ(ReadFile(json.value("stderr_path", "")), "");
    EXPECT_EQ(json.size(), 8U) << wait.output;
  }
}

TEST_F(TruthTest, F27_WhoExitsZeroOnSigtermWasKilledAllTheSame) {
  Lifeline ready(scratch().PathOf("ready"));
  const Gate gate(scratch().PathOf("gate"));
  const std::string id =
      Run(absl::StrCat("trap 'exit 0' TERM; echo > ", ready.path(),
                       "; while :; do read go < ", gate.path(), "; done"));
  ready.AwaitReady(1);
  EXPECT_EQ(Kill(id).exit_status, 0);
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_EQ(result.command_exit, 0);
  EXPECT_EQ(result.command_signal, std::nullopt);
  EXPECT_THAT(result.ended_by, HasSubstr(" csa-kill < "));
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 143);
  EXPECT_EQ(wait.error, Completed(id, "killed", 143));
}

TEST_F(TruthTest, F28_WaitDuringAKill) {
  const Gate gate(scratch().PathOf("gate"));
  for (int round = 0; round < 10; ++round) {
    const std::string id =
        Run(absl::StrCat("echo before; read go < ", gate.path()));
    const auto wait = StartWaiter(id, {"wait", id});
    EXPECT_EQ(Kill(id).output, absl::StrCat(id, " ended\n"));
    const Ended waited = wait->Await();
    EXPECT_EQ(waited.exit_status, 143);
    EXPECT_EQ(waited.output, FileOf(id, "stdout.log"));
    EXPECT_EQ(waited.error, Completed(id, "killed", 143));
  }
}

TEST_F(TruthTest, F16_TwentyWaitersAtOnce) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string id =
      Run(absl::StrCat("echo said; read go < ", gate.path(), "; exit 3"));
  // One that is killed leaves no trace.
  const auto killed = StartWaiter(id, {"wait", id});
  killed->Signal(SIGKILL);
  EXPECT_EQ(killed->Await().signal, SIGKILL);
  std::vector<std::unique_ptr<Program>> waiters;
  for (int i = 0; i < 20; ++i) {
    waiters.push_back(StartWaiter(id, {"wait", id}));
  }
  gate.Open();
  for (const std::unique_ptr<Program>& waiter : waiters) {
    const Ended ended = waiter->Await();
    EXPECT_EQ(ended.exit_status, 3);
    EXPECT_EQ(ended.output, "said\n");
    EXPECT_EQ(ended.error, Completed(id, "failure", 3));
  }
}

TEST_F(TruthTest, F28_KillingTwiceAtOnce) {
  const Gate gate(scratch().PathOf("gate"));
  for (int round = 0; round < 10; ++round) {
    const std::string id = Run(absl::StrCat("read go < ", gate.path()));
    Witness published(DirectoryOf(id), IN_MOVED_TO | IN_CREATE);
    std::list<Program> kills;
    for (int i = 0; i < 4; ++i) Start(kills, {"kill", id});
    for (Program& kill : kills) {
      const Ended ended = kill.Await();
      EXPECT_EQ(ended.exit_status, 0) << ended.error;
      EXPECT_THAT(ended.output, AnyOf(absl::StrCat(id, " ended\n"),
                                      absl::StrCat(id, " already ended\n")));
    }
    EXPECT_THAT(published.Names(false), Contains(kResultFile).Times(1));
    EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
    ExpectOneTruth(id);
  }
}

TEST_F(TruthTest, F28_KillingAnEndedSessionIsNoError) {
  const std::string id = Run("exit 5");
  EXPECT_EQ(Wait(id).exit_status, 5);
  const Ended json = Csa({"kill", "--format=json", id});
  EXPECT_EQ(json.exit_status, 0);
  EXPECT_EQ(
      Json::parse(json.output, nullptr, false),
      (Json{{"session_id", id}, {"outcome", "already_ended"}, {"strays", 0}}))
      << json.output;
  ExpectOneTruth(id);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kFailure);
}

// The session is seen before its command has been started.
TEST_F(TruthTest, F28_KillDuringTheStart) {
  EXPECT_EQ(Wait(Run("exit 0")).exit_status, 0);  // makes the store
  const Gate gate(scratch().PathOf("gate"));
  for (int round = 0; round < 60; ++round) {
    Witness seen(Sessions(), IN_MOVED_TO);
    Program spawn(
        CsaArgv({"spawn", "--", "sh", "-c", "read go < " + gate.path()}),
        InTest());
    const std::string id = seen.Names(true).at(0);
    if (round % 2 == 0) {
      // As csa-kill does, but sooner.
      const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
      ASSERT_TRUE(supervisor.ok()) << supervisor.status();
      EXPECT_TRUE(supervisor->Signal(SIGTERM).ok());
    }
    const Ended kill = Kill(id);
    EXPECT_EQ(kill.exit_status, 0) << kill.error;
    const Ended spawned = spawn.Await();
    EXPECT_EQ(spawned.exit_status, 0) << spawned.error;
    EXPECT_EQ(spawned.output, id + "\n");
    const SessionResult result = ResultOf(id);
    EXPECT_EQ(result.status, SessionStatus::kKilled);
    EXPECT_EQ(result.exit_code, 143);
    ExpectOneTruth(id);
  }
}

// Nothing is left of it, whether the kill came in time or not.
TEST_F(TruthTest, F28_KillDuringAStartThatFails) {
  EXPECT_EQ(Wait(Run("exit 0")).exit_status, 0);
  for (int round = 0; round < 30; ++round) {
    Witness seen(Sessions(), IN_MOVED_TO);
    Program spawn(CsaArgv({"spawn", "--", "/does/not/exist"}), InTest());
    const std::string id = seen.Names(true).at(0);
    const Ended kill = Kill(absl::StrCat(absl::StripPrefix(id, ".")));
    EXPECT_EQ(kill.exit_status, 125) << kill.output;
    EXPECT_THAT(kill.error, StartsWith("csa-kill: "));
    const Ended spawned = spawn.Await();
    EXPECT_EQ(spawned.exit_status, 127) << spawned.error;
    EXPECT_EQ(spawned.output, "");
    EXPECT_EQ(StoreEntries().size(), 1U);
  }
}

TEST_F(TruthTest, F28_KillDuringTheNaturalEnd) {
  int natural = 0;
  for (int round = 0; round < 30; ++round) {
    Lifeline ready(scratch().PathOf(absl::StrCat("ready", round)));
    const Gate gate(scratch().PathOf(absl::StrCat("gate", round)));
    const std::string id =
        Run(absl::StrCat("echo out; echo > ", ready.path(), "; read go < ",
                         gate.path(), "; exit 5"));
    ready.AwaitReady(1);
    Witness published(DirectoryOf(id), IN_MOVED_TO | IN_CREATE | IN_MODIFY);
    std::list<Program> waiters;
    Start(waiters, {"wait", id});
    Start(waiters, {"wait", "--session", id});
    std::list<Program> kills;
    if (round % 3 == 0) gate.Open();
    Start(kills, {"kill", id});
    if (round % 3 == 1) gate.Open();
    Start(kills, {"kill", id});
    if (round % 3 == 2) gate.Open();
    for (Program& kill : kills) EXPECT_EQ(kill.Await().exit_status, 0);
    EXPECT_THAT(published.Names(false), Contains(kResultFile).Times(1)) << id;
    const SessionResult result = ResultOf(id);
    natural += result.status == SessionStatus::kFailure ? 1 : 0;
    EXPECT_THAT(result.status,
                AnyOf(SessionStatus::kFailure, SessionStatus::kKilled));
    const bool killed = result.status == SessionStatus::kKilled;
    EXPECT_EQ(result.exit_code, killed ? 143 : 5);
    EXPECT_EQ(result.ended_by.empty(), !killed);
    for (Program& waiter : waiters) {
      const Ended ended = waiter.Await();
      EXPECT_EQ(ended.exit_status, result.exit_code);
      EXPECT_EQ(ended.output, "out\n");
      EXPECT_EQ(ended.error, Completed(id, SessionStatusName(result.status),
                                       result.exit_code));
    }
    ExpectOneTruth(id);
    EXPECT_THAT(published.Names(false), IsEmpty());
  }
  RecordProperty("natural_ends", natural);
}

TEST_F(TruthTest, F28_TheNaturalOutcomeStandsWhenTheLeaderDiedBeforeTheKill) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string id =
      Spawn({"--", Hostile(), lifeline.path(), "ignore-term", "5"});
  lifeline.AwaitReady(1);
  // The stray ignores SIGTERM: the session goes on when the leader has died.
  const std::string stat = absl::StrCat("/proc/", SupervisorOf(id), "/task/",
                                        SupervisorOf(id), "/children");
  const absl::StatusOr<PidFd> leader =
      PidFd::Open(std::atoi(ReadFile(stat).c_str()));
  ASSERT_TRUE(leader.ok()) << leader.status();
  lifeline.Release();
  ASSERT_TRUE(leader->AwaitDeath(absl::InfiniteFuture()).ok());
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline.AllDead());
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kFailure);
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(result.strays, 1);
  EXPECT_EQ(Wait(id).exit_status, 5);
}

TEST_F(TruthTest, WaitingForTheOwnSessionIsRefused) {
  const std::string wait = Tool("csa") + " wait $CSA_SESSION_ID";
  const std::string id = Run(wait + "; echo $?");
  EXPECT_EQ(Wait(id).output, "125\n");
  EXPECT_THAT(FileOf(id, "stderr.log"), HasSubstr("csa-wait: "));
  EXPECT_THAT(FileOf(id, "stderr.log"), HasSubstr(id));
}

TEST_F(TruthTest, WaitingForAnAncestorIsRefused) {
  const std::string csa = Tool("csa");
  WriteFile(scratch().PathOf("inner.sh"),
            absl::StrCat(csa, " wait $OUTER; echo $?"));
  const std::string outer =
      Run(absl::StrCat("OUTER=$CSA_SESSION_ID; export OUTER; id=$(", csa,
                       " run --tool sh --prompt-file ",
                       scratch().PathOf("inner.sh"), "); ", csa, " wait $id"));
  const Ended wait = Wait(outer);
  EXPECT_EQ(wait.exit_status, 0);
  EXPECT_EQ(wait.output, "125\n");
}

TEST_F(TruthTest, F21_TailAndQuiet) {
  const std::string id = Run("seq 1 1000; printf unfinished");
  EXPECT_EQ(Wait(id).exit_status, 0);
  const auto wait = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"wait", id};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Ended ended = Csa(arguments);
    EXPECT_EQ(ended.exit_status, 0) << ended.error;
    EXPECT_EQ(ended.error, Completed(id, "success", 0));
    return ended.output;
  };
  EXPECT_EQ(wait({"--quiet"}), "");
  EXPECT_EQ(wait({"--tail", "0"}), "");
  EXPECT_EQ(wait({"--tail", "1"}), "unfinished");
  EXPECT_EQ(wait({"--tail=3"}), "999\n1000\nunfinished");
  EXPECT_EQ(wait({"--tail", "5000"}), FileOf(id, "stdout.log"));
  EXPECT_EQ(wait({}), FileOf(id, "stdout.log"));
  for (const char* bad : {"--tail=-2", "--tail=x", "--tail="}) {
    const Ended refused = Csa({"wait", id, bad});
    EXPECT_EQ(refused.exit_status, 125) << bad;
    EXPECT_EQ(refused.output, "") << bad;
  }
}

TEST_F(TruthTest, F13_AHundredMegabytesComeWhole) {
  const std::string count = "seq 1 13000000";
  const std::string id = Run(count + "; exit 3");
  ASSERT_EQ(Wait(id).exit_status, 3);
  EXPECT_GT(std::filesystem::file_size(DirectoryOf(id) + "/stdout.log"),
            100'000'000U);
  const std::string script =
      absl::StrCat(Tool("csa"), " wait ", id, " | sha256sum; echo ",
                   "${PIPESTATUS[0]}; ", count, " | sha256sum");
  const Ended sums = RunProgram({"bash", "-c", script}, InTest());
  const std::string sum = sums.output.substr(0, sums.output.find('\n') + 1);
  EXPECT_EQ(sums.output, absl::StrCat(sum, "3\n", sum)) << sums.error;
}

TEST_F(TruthTest, F13_ANonBlockingPipeGetsEveryByte) {
  const std::string id = Run("seq 1 1000000");
  const Ended wait =
      Csa({"wait", id},
          {.prepare = [] { fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK); }});
  EXPECT_EQ(wait.exit_status, 0) << wait.error;
  EXPECT_TRUE(wait.output == FileOf(id, "stdout.log")) << wait.output.size();
  const Ended attach =
      Csa({"attach", id},
          {.prepare = [] { fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK); }});
  EXPECT_EQ(attach.exit_status, 0) << attach.error;
  EXPECT_TRUE(attach.output == wait.output) << attach.output.size();
}

TEST_F(TruthTest, AReaderThatGoesAwayIsNoError) {
  const std::string id = Run("seq 1 1000000; exit 3");
  const Ended wait =
      RunProgram({"bash", "-c",
                  absl::StrCat(Tool("csa"), " wait ", id,
                               " | head -1; echo ${PIPESTATUS[0]}")},
                 InTest());
  EXPECT_EQ(wait.output, "1\n3\n");
  EXPECT_EQ(wait.error, Completed(id, "failure", 3));
}

TEST_F(TruthTest, AStdoutThatCannotBeWrittenIsAnError) {
  const std::string id = Run("echo out");
  EXPECT_EQ(Wait(id).exit_status, 0);
  for (const char* format : {"text", "json"}) {
    const Ended wait =
        RunProgram({"bash", "-c",
                    absl::StrCat(Tool("csa"), " wait --format ", format, " ",
                                 id, " > /dev/full")},
                   InTest());
    EXPECT_EQ(wait.exit_status, 125) << wait.error;
    EXPECT_THAT(wait.error, HasSubstr("csa-wait: "));
  }
}

class UnreadableResultTest : public TruthTest {
 protected:
  // Nobody takes it for an end, and nobody repairs it.
  void ExpectRefused(const std::string& id,
                     const ProgramOptions& options = {}) {
    for (const char* command : {"wait", "kill", "attach"}) {
      for (const char* format : {"text", "json"}) {
        const Ended ended = Csa({command, "--format", format, id}, options);
        EXPECT_EQ(ended.exit_status, 125) << command << ended.error;
        // What has been written is no secret of the result.
        if (absl::string_view(command) != "attach") {
          EXPECT_EQ(ended.output, "") << command;
        }
        EXPECT_THAT(ended.error, HasSubstr(ResultPath(id))) << command;
        EXPECT_THAT(ended.error, Not(HasSubstr("COMPLETED"))) << command;
      }
    }
  }
};

TEST_F(UnreadableResultTest, F12_GarbageIsNoSuccess) {
  const std::string id = Run("echo out");
  EXPECT_EQ(Wait(id).exit_status, 0);
  const std::string good = FileOf(id, kResultFile);
  const std::string other_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const std::vector<std::string> all_bad = {
      "",
      "\n",
      "garbage",
      std::string(4096, '\0'),
      "\xff\xfe",
      absl::StrReplaceAll(good, {{"\"success\"", "\"succes\""}}),
      absl::StrReplaceAll(good, {{"\"success\"", "0"}}),
      absl::StrReplaceAll(good, {{"exit_code = 0", "exit_code = 256"}}),
      absl::StrReplaceAll(good, {{"exit_code = 0", "exit_code = -1"}}),
      absl::StrReplaceAll(good, {{"exit_code = 0", "exit_code = \"0\""}}),
      absl::StrReplaceAll(good, {{id, other_id}}),
      good + std::string(100, '\0'),
      good + "status = \"success\"\n",
  };
  for (const std::string& bad : all_bad) {
    SCOPED_TRACE(bad.substr(0, 200));
    WriteFile(ResultPath(id), bad);
    ExpectRefused(id);
    EXPECT_EQ(FileOf(id, kResultFile), bad);
  }
  WriteFile(ResultPath(id), good);
  EXPECT_EQ(Wait(id).exit_status, 0);
}

TEST_F(UnreadableResultTest, F12_NoBeginningOfAResultIsOne) {
  const std::string id = Run("echo out");
  EXPECT_EQ(Wait(id).exit_status, 0);
  const std::string good = FileOf(id, kResultFile);
  for (size_t size = 0; size + 1 < good.size(); ++size) {
    WriteFile(ResultPath(id), good.substr(0, size));
    EXPECT_EQ(Wait(id).exit_status, 125) << good.substr(0, size);
  }
}

TEST_F(UnreadableResultTest, F34_NeitherIsADirectoryNorALink) {
  const std::string id = Run("echo out");
  EXPECT_EQ(Wait(id).exit_status, 0);
  const std::string kept = scratch().PathOf("kept");
  ASSERT_EQ(rename(ResultPath(id).c_str(), kept.c_str()), 0);
  ASSERT_EQ(mkdir(ResultPath(id).c_str(), 0700), 0);
  ExpectRefused(id);
  EXPECT_TRUE(std::filesystem::is_empty(ResultPath(id)));
  ASSERT_EQ(rmdir(ResultPath(id).c_str()), 0);
  ASSERT_EQ(symlink(kept.c_str(), ResultPath(id).c_str()), 0);
  ExpectRefused(id);
  EXPECT_TRUE(std::filesystem::is_symlink(ResultPath(id)));
}

TEST_F(UnreadableResultTest, F34_NeitherIsOneThatMayNotBeRead) {
  const std::string id = Run("echo out");
  EXPECT_EQ(Wait(id).exit_status, 0);
  const std::string good = FileOf(id, kResultFile);
  ASSERT_EQ(chmod(ResultPath(id).c_str(), 0), 0);
  // A superuser may read all unless it gives that up.
  const auto give_up = [] {
    constexpr int kDacOverride = 1;
    constexpr int kDacReadSearch = 2;
    prctl(PR_CAPBSET_DROP, kDacOverride);
    prctl(PR_CAPBSET_DROP, kDacReadSearch);
  };
  ExpectRefused(id, {.prepare = give_up});
  struct stat status;
  ASSERT_EQ(stat(ResultPath(id).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0U);
  ASSERT_EQ(chmod(ResultPath(id).c_str(), 0600), 0);
  EXPECT_EQ(FileOf(id, kResultFile), good);
}

}  // namespace
}  // namespace csa
