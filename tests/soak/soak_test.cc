// Soak: sessions that are started, waited for, followed, stopped and killed at
// random, many at a time. Each result is what was done to its session.
//
// SOAK_MINUTES says for how long, SOAK_SEED what chance does; without them it
// is a short run of the same choices each time.

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/os/clock.h"
#include "common/os/pid_fd.h"
#include "common/os/proc.h"
#include "common/os/unique_fd.h"
#include "common/session/session_spec.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"
#include "tests/soak/choices.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::UnorderedElementsAreArray;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// A sanitizer keeps memory that has been freed.
constexpr bool kCanMeasureMemory = false;
#else
constexpr bool kCanMeasureMemory = true;
#endif

// What may be asked for in the environment.
uint64_t Setting(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

// A way in which a session may end.
struct Outcome {
  SessionStatus status;
  int exit_code;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

constexpr Outcome kKilled = {SessionStatus::kKilled, 143};
constexpr Outcome kLost = {SessionStatus::kLost, 1};

Outcome Exited(int exit_status) {
  return {exit_status == 0 ? SessionStatus::kSuccess : SessionStatus::kFailure,
          exit_status};
}

// What csa wait exits with.
int WaitStatus(const Outcome& outcome) {
  return outcome.exit_code == 124 ? 1 : outcome.exit_code;
}

// What a process holds.
struct Holdings {
  std::vector<std::string> descriptors;
  int64_t private_kb = 0;  // memory that it has written to
};

Holdings HoldingsOf(const std::string& pid) {
  Holdings holdings;
  for (const auto& entry : fs::directory_iterator("/proc/" + pid + "/fd")) {
    std::error_code gone;  // the descriptor by which this is listed
    const fs::path target = fs::read_symlink(entry.path(), gone);
    if (!gone) holdings.descriptors.push_back(target);
  }
  std::sort(holdings.descriptors.begin(), holdings.descriptors.end());
  const std::string rollup = ReadFile("/proc/" + pid + "/smaps_rollup");
  for (absl::string_view line : absl::StrSplit(rollup, '\n')) {
    int64_t kb = 0;
    if (absl::StartsWith(line, "Private_Dirty:") &&
        absl::SimpleAtoi(
            absl::StripSuffix(line.substr(line.find(':') + 1), " kB"), &kb)) {
      holdings.private_kb += kb;
    }
  }
  return holdings;
}

class SoakTest : public CsaTest {
 protected:
  // A session of the hostile command, and those who hold its lifeline.
  struct Live {
    std::string id;
    Lifeline lifeline;
    Crowd crowd;
  };

  SoakTest() { std::printf("soak: seed %lu\n", seed_); }

  // What has violated an expectation stays to be looked at.
  ~SoakTest() override {
    if (!HasFailure()) return;
    std::string kept = absl::StrCat(testing::TempDir(), "/kept-XXXXXX");
    if (mkdtemp(kept.data()) == nullptr) return;
    std::error_code error;
    fs::copy(Sessions(), kept, fs::copy_options::recursive, error);
    std::printf("soak: what is left of the sessions is in %s\n", kept.c_str());
  }

  // A path that nothing else in this run has.
  std::string NewPath(absl::string_view name) {
    return scratch().PathOf(absl::StrCat(name, "-", ++paths_));
  }

  static std::vector<std::string> HostileArgv(const Lifeline& lifeline,
                                              const Crowd& crowd) {
    return {Hostile(), lifeline.path(), crowd.kinds};
  }

  // Starts the hostile command. With an `exit_status`, it ends when the
  // lifeline releases it.
  Live Start(Choices& choices, bool traceable,
             std::vector<std::string> options = {}, int exit_status = -1) {
    Lifeline lifeline(NewPath("lifeline"));
    Crowd crowd = choices.SomeProcesses(traceable);
    options.emplace_back("--");
    for (std::string& word : HostileArgv(lifeline, crowd)) {
      options.push_back(std::move(word));
    }
    if (exit_status >= 0) {
      options.push_back(absl::StrCat(exit_status));
    } else {
      ++crowd.count;  // the leader
    }
    std::string id = Spawn(options);
    return {std::move(id), std::move(lifeline), std::move(crowd)};
  }

  Program StartWait(const std::string& id) const {
    return {CsaArgv({"wait", "--quiet", id}), InTest()};
  }

  // A waiter that dies on its way is of no consequence.
  void KillAWaiter(const std::string& id) const {
    Program wait = StartWait(id);
    wait.Signal(SIGKILL);
  }

  // To be opened while the session runs.
  PidFd Supervisor(const std::string& id) const {
    absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
    EXPECT_TRUE(supervisor.ok()) << supervisor.status();
    return *std::move(supervisor);
  }

  void ExpectKillEnds(const std::string& id) const {
    const Ended kill = Kill(id);
    EXPECT_EQ(kill.exit_status, 0) << kill.error;
    EXPECT_TRUE(kill.output == absl::StrCat(id, " ended\n") ||
                kill.output == absl::StrCat(id, " already ended\n"))
        << kill.output;
  }

  // The same for a lost session. Where there is no cgroup, a process that forks
  // and ends every 10 ms can outrun a killer that gets no processor for
  // seconds: who says so may be asked again.
  void ExpectKillEndsLost(const std::string& id, const Crowd& crowd) const {
    constexpr int kTries = 20;
    for (int i = 1; i < kTries && absl::StrContains(crowd.kinds, "respawn");
         ++i) {
      const Ended kill = Kill(id);
      if (kill.exit_status == 0) return;
      EXPECT_EQ(kill.exit_status, 1) << kill.error;
      EXPECT_EQ(kill.output, absl::StrCat(id, " still alive\n"));
    }
    ExpectKillEnds(id);
  }

  // Expects that nobody is alive who has ever opened it, be there one or not.
  static void ExpectAllDead(Lifeline& lifeline) {
    UniqueFd(open(lifeline.path().c_str(), O_WRONLY | O_CLOEXEC)).Reset();
    lifeline.AwaitAllDead();
  }

  // Expects that a session has ended in one of these ways, that every reader
  // says so, and that its directory holds what it should. Then removes it.
  SessionResult ExpectEnded(const std::string& id,
                            const std::vector<Outcome>& allowed) {
    const int exit_status = Wait(id).exit_status;
    SessionResult result = ResultOf(id);
    const Outcome outcome = {result.status, result.exit_code};
    bool good =
        std::find(allowed.begin(), allowed.end(), outcome) != allowed.end();
    EXPECT_TRUE(good) << id << " " << SessionStatusName(result.status) << " "
                      << result.exit_code;
    EXPECT_EQ(exit_status, WaitStatus(outcome)) << id;
    EXPECT_EQ(result.id, id);
    EXPECT_TRUE(ParseSessionSpec(FileOf(id, "session.json")).ok()) << id;
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(DirectoryOf(id))) {
      const std::string file = entry.path().filename();
      // A supervisor that was killed while it published leaves its draft, as
      // docs/session-directory.md says, and the session is lost then.
      const bool draft = absl::StartsWith(file, ".result.toml.") &&
                         result.status == SessionStatus::kLost;
      // Where csa may make cgroups.
      if (!draft && file != "cgroup") files.push_back(file);
    }
    const std::vector<std::string> expected = {"command",     "daemon.pid",
                                               "result.toml", "session.json",
                                               "stderr.log",  "stdout.log"};
    std::sort(files.begin(), files.end());
    EXPECT_EQ(files, expected) << id;
    good = good && files == expected && exit_status == WaitStatus(outcome);
    if (good) fs::remove_all(DirectoryOf(id));
    const std::lock_guard<std::mutex> lock(mutex_);
    ++ends_[std::string(SessionStatusName(result.status))];
    return result;
  }

  SessionResult ExpectEnded(Live& live, const std::vector<Outcome>& allowed) {
    SessionResult result = ExpectEnded(live.id, allowed);
    ExpectAllDead(live.lifeline);
    return result;
  }

  void EndsByItself(Choices& choices);
  void IsFollowed(Choices& choices);
  void IsKilled(Choices& choices);
  void IsKilledAsItEnds(Choices& choices);
  void IsStopped(Choices& choices);
  void TakesTooLong(Choices& choices);
  void LosesItsSupervisor(Choices& choices);
  void DiesOfASignal(Choices& choices);
  void HasNoCommand(Choices& choices);
  void HasANestedOne(Choices& choices);
  void LosesItsStarter(Choices& choices);

  // Runs sessions of all kinds, `at_once` at a time, while `goes_on` of the
  // number of the next one.
  void RunSessions(int at_once, const std::function<bool(int)>& goes_on);

  static void PrintTotals(const char* of,
                          const std::map<std::string, int>& totals) {
    int all = 0;
    std::string line;
    for (const auto& [name, count] : totals) {
      absl::StrAppend(&line, " ", name, "=", count);
      all += count;
    }
    std::printf("soak: %d %s:%s\n", all, of, line.c_str());
  }

  const uint64_t minutes_ = Setting("SOAK_MINUTES", 0);
  const uint64_t seed_ = Setting("SOAK_SEED", 1);
  std::atomic<int> paths_ = 0;
  std::mutex mutex_;
  std::map<std::string, int> acts_;
  std::map<std::string, int> ends_;
};

void SoakTest::EndsByItself(Choices& choices) {
  const int exit_status = choices.ExitStatus();
  Live live = Start(choices, false, {}, exit_status);
  Program wait = StartWait(live.id);
  if (choices.Coin()) KillAWaiter(live.id);
  live.lifeline.AwaitReady(live.crowd.count);
  live.lifeline.Release();
  EXPECT_EQ(wait.Await().exit_status, WaitStatus(Exited(exit_status)));
  const SessionResult result = ExpectEnded(live, {Exited(exit_status)});
  EXPECT_EQ(result.command_exit, exit_status);
  EXPECT_GE(result.strays, live.crowd.count);
  if (live.crowd.steady) {
    EXPECT_EQ(result.strays, live.crowd.count);
  }
}

void SoakTest::IsFollowed(Choices& choices) {
  const int exit_status = choices.Below(100);
  Live live = Start(choices, false, {}, exit_status);
  Program killed(CsaArgv({"attach", live.id}), InTest());
  Program attach(CsaArgv({"attach", live.id}), InTest());
  killed.Signal(SIGKILL);
  live.lifeline.Release();
  EXPECT_EQ(attach.Await().exit_status, exit_status);
  ExpectEnded(live, {Exited(exit_status)});
}

void SoakTest::IsKilled(Choices& choices) {
  Live live = Start(choices, false);
  if (choices.Coin()) live.lifeline.AwaitReady(live.crowd.count);
  if (choices.Coin()) {
    Program wait = StartWait(live.id);
    Program kill(CsaArgv({"kill", live.id}), InTest());
    ExpectKillEnds(live.id);
    EXPECT_EQ(kill.Await().exit_status, 0);
    EXPECT_EQ(wait.Await().exit_status, 143);
  }
  ExpectKillEnds(live.id);
  ExpectEnded(live, {kKilled});
}

void SoakTest::IsKilledAsItEnds(Choices& choices) {
  const int exit_status = choices.ExitStatus();
  Live live = Start(choices, false, {}, exit_status);
  const PidFd supervisor = Supervisor(live.id);
  live.lifeline.Release();
  if (choices.Coin()) {
    ExpectKillEnds(live.id);
  } else {
    static_cast<void>(supervisor.Signal(SIGTERM));
  }
  ExpectEnded(live, {Exited(exit_status), kKilled});
}

void SoakTest::IsStopped(Choices& choices) {
  const int exit_status = choices.ExitStatus();
  Live live = Start(choices, false, {}, exit_status);
  const PidFd supervisor = Supervisor(live.id);
  EXPECT_TRUE(supervisor.Signal(SIGSTOP).ok());
  if (choices.Coin()) {
    ExpectKillEnds(live.id);
    ExpectEnded(live, {kKilled});
  } else {
    live.lifeline.Release();
    EXPECT_TRUE(supervisor.Signal(SIGCONT).ok());
    ExpectEnded(live, {Exited(exit_status)});
  }
}

void SoakTest::TakesTooLong(Choices& choices) {
  const std::string soon = absl::StrCat(1 + choices.Below(300), "ms");
  const bool idle = choices.Coin();
  Live live = Start(choices, false,
                    {idle ? "--idle-timeout" : "--timeout", soon,
                     idle ? "--timeout" : "--idle-timeout", "1h"});
  ExpectEnded(
      live,
      {{idle ? SessionStatus::kIdleTimeout : SessionStatus::kTimeout, 143}});
}

void SoakTest::LosesItsSupervisor(Choices& choices) {
  const int exit_status = choices.ExitStatus();
  Live live = Start(choices, true, {}, exit_status);
  Program wait = StartWait(live.id);
  const PidFd supervisor = Supervisor(live.id);
  live.lifeline.AwaitReady(live.crowd.count);
  if (choices.Coin()) {
    KillSupervisor(live.id);
    EXPECT_EQ(wait.Await().exit_status, 1);
    ExpectKillEndsLost(live.id, live.crowd);
    ExpectEnded(live, {kLost});
  } else {
    live.lifeline.Release();
    static_cast<void>(supervisor.Signal(SIGKILL));
    const int waited = wait.Await().exit_status;
    ExpectKillEndsLost(live.id, live.crowd);
    const SessionResult result =
        ExpectEnded(live, {Exited(exit_status), kLost});
    EXPECT_EQ(waited, WaitStatus({result.status, result.exit_code}));
  }
}

void SoakTest::DiesOfASignal(Choices& choices) {
  constexpr std::array<int, 6> kSignals = {SIGHUP,  SIGINT,  SIGKILL,
                                           SIGUSR1, SIGTERM, SIGALRM};
  const int signal =
      kSignals[static_cast<size_t>(choices.Below(kSignals.size()))];
  const std::string id =
      Spawn({"--", "sh", "-c", absl::StrCat("kill -", signal, " $$")});
  const SessionResult result =
      ExpectEnded(id, {{SessionStatus::kSignal, 128 + signal}});
  EXPECT_EQ(result.command_signal, signal);
}

void SoakTest::HasNoCommand(Choices& choices) {
  const bool missing = choices.Coin();
  const Ended spawn =
      Csa({"spawn", "--", missing ? "/no/such/command" : "/etc/passwd"});
  EXPECT_EQ(spawn.exit_status, missing ? 127 : 126) << spawn.error;
  EXPECT_EQ(spawn.output, "");
}

void SoakTest::HasANestedOne(Choices& choices) {
  Lifeline inner(NewPath("lifeline"));
  Lifeline outer(NewPath("lifeline"));
  const int exit_status = choices.Below(100);
  const std::string id =
      Spawn({"--", "sh", "-c",
             absl::StrCat(Tool("csa"), " spawn -- ", Hostile(), " ",
                          inner.path(), " setsid,daemon; exec ", Hostile(), " ",
                          outer.path(), " setsid,daemon ", exit_status)});
  inner.AwaitReady(3);
  outer.AwaitReady(2);
  const std::string nested = FileOf(id, "stdout.log").substr(0, 26);
  const bool loses = choices.Coin();
  if (loses) KillSupervisor(nested);
  if (choices.Coin()) {
    outer.Release();
    ExpectEnded(id, {Exited(exit_status)});
  } else {
    ExpectKillEnds(id);
    ExpectEnded(id, {kKilled});
  }
  ExpectAllDead(outer);
  ExpectKillEnds(nested);
  ExpectAllDead(inner);
  ExpectEnded(nested, {loses ? kLost : kKilled});
}

// Whoever starts a session is killed on the way: there is a session or none.
void SoakTest::LosesItsStarter(Choices& choices) {
  const std::string state = NewPath("starter");
  ProgramOptions options;
  options.environment["CSA_STATE_DIR"] = state;
  Lifeline lifeline(NewPath("lifeline"));
  const Crowd crowd = choices.SomeProcesses(false);
  std::vector<std::string> arguments = {"spawn", "--"};
  for (std::string& word : HostileArgv(lifeline, crowd)) {
    arguments.push_back(std::move(word));
  }
  {
    const Program starter(CsaArgv(arguments), InTest(options));
    const absl::StatusOr<PidFd> process = PidFd::Open(starter.pid());
    ASSERT_TRUE(process.ok()) << process.status();
    static_cast<void>(process->AwaitDeath(
        MonotonicNow() + absl::Microseconds(choices.Below(20'000))));
  }
  // A supervisor that has been started ends its session when it is asked to.
  bool found = true;
  while (std::exchange(found, false)) {
    for (const pid_t pid : AllProcesses()) {
      const absl::StatusOr<ProcessStat> stat = ReadProcessStat(pid);
      if (!stat.ok() || stat->dead() || !absl::StartsWith(stat->comm, "csa") ||
          VariableOf(pid, "CSA_STATE_DIR") != state) {
        continue;
      }
      const absl::StatusOr<PidFd> process = PidFd::Open(pid);
      if (!process.ok()) continue;
      found = true;
      static_cast<void>(process->Signal(SIGTERM));
      const absl::Time deadline = MonotonicNow() + absl::Seconds(60);
      ASSERT_TRUE(process->AwaitDeath(deadline).value_or(false)) << pid;
    }
  }
  ExpectAllDead(lifeline);
  const std::string sessions = state + "/sessions";
  if (!fs::exists(sessions)) return;
  for (const auto& entry : fs::directory_iterator(sessions)) {
    if (absl::StartsWith(entry.path().filename().string(), ".")) continue;
    const absl::StatusOr<SessionResult> result =
        ParseSessionResult(ReadFile(entry.path() / "result.toml"));
    ASSERT_TRUE(result.ok()) << entry.path() << result.status();
    // By the signal of ours that met the command before it was executed.
    const bool early = result->status == SessionStatus::kSignal &&
                       result->command_signal == SIGTERM;
    EXPECT_TRUE(early || result->status == SessionStatus::kKilled)
        << entry.path() << SessionStatusName(result->status);
  }
  if (!HasFailure()) fs::remove_all(state);
}

void SoakTest::RunSessions(int at_once,
                           const std::function<bool(int)>& goes_on) {
  struct Act {
    const char* name;
    int weight;
    void (SoakTest::*run)(Choices&);
  };
  static constexpr std::array<Act, 11> kActs = {{
      {"ends", 6, &SoakTest::EndsByItself},
      {"attach", 2, &SoakTest::IsFollowed},
      {"kill", 5, &SoakTest::IsKilled},
      {"kill_at_end", 4, &SoakTest::IsKilledAsItEnds},
      {"stop", 2, &SoakTest::IsStopped},
      {"timeout", 3, &SoakTest::TakesTooLong},
      {"supervisor_killed", 4, &SoakTest::LosesItsSupervisor},
      {"signal", 2, &SoakTest::DiesOfASignal},
      {"no_command", 1, &SoakTest::HasNoCommand},
      {"nested", 3, &SoakTest::HasANestedOne},
      {"starter_killed", 3, &SoakTest::LosesItsStarter},
  }};
  std::vector<const Act*> lots;
  for (const Act& act : kActs) lots.insert(lots.end(), act.weight, &act);
  std::atomic<int> next = 0;
  const auto work = [&] {
    for (int number = next++; goes_on(number); number = next++) {
      Choices choices(seed_, number);
      const Act& act = *lots[static_cast<size_t>(
          choices.Below(static_cast<int>(lots.size())))];
      SCOPED_TRACE(absl::StrCat(act.name, ", number ", number));
      (this->*act.run)(choices);
      const std::lock_guard<std::mutex> lock(mutex_);
      ++acts_[act.name];
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(at_once));
  for (int i = 0; i < at_once; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(SoakTest, EveryResultIsWhatWasDone) {
  constexpr int kShortRun = 60;
  const bool is_short = minutes_ == 0;
  const absl::Time end =
      MonotonicNow() + absl::Minutes(static_cast<int64_t>(minutes_));
  // One session sees all of it, and a child of its supervisor dies every 10 ms.
  Lifeline lifeline(NewPath("lifeline"));
  const std::string witness =
      Spawn({"--", Hostile(), lifeline.path(), "respawn"});
  lifeline.AwaitReady(2);
  const std::string supervisor = absl::StrCat(SupervisorOf(witness));
  const Holdings its_before = HoldingsOf(supervisor);
  const Holdings ours_before = HoldingsOf("self");
  RunSessions(is_short ? 8 : 64, [&](int number) {
    return is_short ? number < kShortRun : MonotonicNow() < end;
  });
  const Holdings its_after = HoldingsOf(supervisor);
  EXPECT_EQ(its_after.descriptors, its_before.descriptors);
  // A few pages that the allocator has taken since.
  constexpr int64_t kSlackKb = 64;
  if (kCanMeasureMemory) {
    EXPECT_LE(its_after.private_kb, its_before.private_kb + kSlackKb);
  }
  EXPECT_EQ(HoldingsOf("self").descriptors.size(),
            ours_before.descriptors.size());
  ExpectKillEnds(witness);
  ExpectEnded(witness, {kKilled});
  ExpectAllDead(lifeline);
  // Everything has been judged, and removed.
  EXPECT_THAT(StoreEntries(), testing::IsEmpty());
  PrintTotals("acts", acts_);
  PrintTotals("ends", ends_);
  std::printf(
      "soak: a supervisor before and after: descriptors %zu %zu, "
      "private memory %ld kB %ld kB\n",
      its_before.descriptors.size(), its_after.descriptors.size(),
      its_before.private_kb, its_after.private_kb);
}

TEST_F(SoakTest, F09_ManyLiveSessionsAtOnce) {
  const int count = minutes_ == 0 ? 40 : 1000;
  Lifeline lifeline(NewPath("lifeline"));
  std::vector<std::string> ids(static_cast<size_t>(count));
  const auto for_each = [&](const std::function<void(std::string&)>& work) {
    std::atomic<size_t> next = 0;
    constexpr size_t kThreads = 16;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (size_t at = next++; at < ids.size(); at = next++) work(ids[at]);
      });
    }
    for (std::thread& thread : threads) thread.join();
  };
  for_each([&](std::string& id) {
    id = Spawn({"--", Hostile(), lifeline.path(), ""});
  });
  lifeline.AwaitReady(count);
  EXPECT_THAT(StoreEntries(), UnorderedElementsAreArray(ids));
  int running = 0;
  for (const std::string& id : ids) running += IsRunning(id) ? 1 : 0;
  EXPECT_EQ(running, count);
  for_each([&](const std::string& id) { ExpectKillEnds(id); });
  ExpectAllDead(lifeline);
  for_each([&](const std::string& id) { ExpectEnded(id, {kKilled}); });
  EXPECT_THAT(StoreEntries(), testing::IsEmpty());
  std::printf("soak: %d live at once, %d ended by kill\n", running,
              ends_["killed"]);
}

}  // namespace
}  // namespace csa
