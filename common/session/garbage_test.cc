#include "common/session/garbage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/session_variables.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/pid_fd.h"
#include "common/os/process.h"
#include "common/session/session_state.h"
#include "common/testing/scratch_directory.h"
#include "common/testing/session_main.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = SessionState::Kind;
using Outcome = Clearing::Outcome;

class GarbageTest : public testing::Test {
 protected:
  GarbageTest() : store_(MakeStore()) {}
  ~GarbageTest() override {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      static_cast<void>(Reap(child));
    }
  }

  SessionStore MakeStore() const {
    setenv("CSA_STATE_DIR", scratch_.path().c_str(), 1);
    return SessionStore::OpenOrMake().value();
  }

  std::string PathOf(absl::string_view name) const {
    return absl::StrCat(store_.path(), "/", name);
  }

  // A hidden directory with a record in it.
  SessionId MakeHidden(
      SessionId id = SessionId::Generate(absl::UnixEpoch())) const {
    const SessionDirectory session = store_.MakeHidden(id).value();
    EXPECT_TRUE(
        CreateFileAt(session.fd(), kSpecFile,
                     FormatSessionSpec({.id = id.text(), .argv = {"true"}}))
            .ok());
    return id;
  }

  // A session that can be seen; lost unless it is locked or has a result.
  SessionId MakeSession() const { return MakeVisible(MakeHidden()); }
  SessionId MakeVisible(SessionId id) const {
    EXPECT_EQ(rename(PathOf(HiddenName(id)).c_str(), PathOf(id.text()).c_str()),
              0);
    return id;
  }

  // Lets the last change in a directory of the store be `age` ago.
  void SetAge(const std::string& name, absl::Duration age) const {
    const timespec changed = absl::ToTimespec(absl::Now() - age);
    const timespec times[] = {changed, changed};
    ASSERT_EQ(utimensat(AT_FDCWD, PathOf(name).c_str(), times, 0), 0);
  }

  // A child that calls `work`, says that it is ready and waits to be ended.
  pid_t StartChild(absl::FunctionRef<void()> work) {
    const Pipe ready = OpenPipe().value();
    const pid_t pid = ForkWorker([&] {
                        work();
                        static_cast<void>(WriteAll(ready.writer.get(), "x"));
                        while (true) pause();
                      }).value();
    children_.push_back(pid);
    char byte = 0;
    EXPECT_EQ(read(ready.reader.get(), &byte, 1), 1);
    return pid;
  }

  // Locks what is in the directory `name` as a supervisor does.
  void Supervise(const std::string& name) {
    StartChild([&] {
      const std::string path = absl::StrCat(PathOf(name), "/", kLockFile);
      const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (lock < 0 || !LockForWriting(lock).ok()) abort();
    });
  }

  // A finished session, of an id that is older than all others, which was over
  // `age` before now and wrote `output`.
  SessionId MakeFinished(absl::Duration age,
                         const std::string& output = "") const {
    static int64_t next = 0;
    const SessionId id = MakeVisible(MakeHidden(
        SessionId::Generate(absl::UnixEpoch() + absl::Seconds(++next))));
    const SessionDirectory session = store_.OpenVisible(id).value();
    EXPECT_TRUE(CreateFileAt(session.fd(), kStdoutFile, output).ok());
    EXPECT_TRUE(session
                    .Publish({.id = id.text(),
                              .exit_code = 1,
                              .completed_at = absl::Now() - age})
                    .ok());
    return id;
  }

  // Collects, and returns what was done, by id; of what was done twice, the
  // last.
  std::map<std::string, Outcome> Collect(absl::Duration least_age = kLeastAge) {
    return Collect(Clearance{.least_age = least_age});
  }
  std::map<std::string, Outcome> Collect(const Clearance& clearance) {
    std::map<std::string, Outcome> done;
    failures_.clear();
    bytes_.clear();
    const absl::Status status = CollectGarbage(
        store_, clearance,
        [&](const SessionId& id, const absl::StatusOr<Clearing>& clearing) {
          if (clearing.ok()) {
            done[id.text()] = clearing->outcome;
            strays_ += clearing->strays;
            bytes_[id.text()] = clearing->bytes;
          } else {
            failures_.push_back(
                absl::StrCat(id.text(), ": ", clearing.status().message()));
          }
        });
    EXPECT_TRUE(status.ok()) << status;
    return done;
  }

  SessionState StateOf(const SessionId& id) const {
    return ReadState(store_.Find(id.text()).value()).value();
  }

  bool Exists(absl::string_view name) const {
    return access(PathOf(name).c_str(), F_OK) == 0;
  }

  const ScratchDirectory scratch_;
  const SessionStore store_;
  std::vector<pid_t> children_;
  std::vector<std::string> failures_;
  std::map<std::string, int64_t> bytes_;  // by id
  int strays_ = 0;
};

using Done = std::map<std::string, Outcome>;

TEST_F(GarbageTest, HasNothingToDoInAnEmptyStore) {
  EXPECT_THAT(Collect(), IsEmpty());
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(GarbageTest, F15_PublishesALossOnce) {
  const SessionId id = MakeSession();
  EXPECT_EQ(Collect(), (Done{{id.text(), Outcome::kLost}}));
  EXPECT_EQ(StateOf(id).kind, Kind::kFinished);
  EXPECT_EQ(StateOf(id).result.status, SessionStatus::kLost);
  EXPECT_THAT(Collect(), IsEmpty());
}

TEST_F(GarbageTest, F22_EndsWhatIsLeftOfALostSession) {
  const SessionId id = MakeSession();
  // What the environment was when the program was executed is what counts.
  Pipe pipe = OpenPipe().value();
  const Pipe never = OpenPipe().value();  // nobody writes to it
  const std::string variable = absl::StrCat(kSessionIdVariable, "=", id.text());
  const pid_t stray =
      Spawn({"env", variable, "sh", "-c", "echo ready; read end"}, [&] {
        const int error = MoveTo(never.reader.get(), STDIN_FILENO);
        return error != 0 ? error : MoveTo(pipe.writer.get(), STDOUT_FILENO);
      }).value();
  pipe.writer.Reset();
  char byte = 0;
  EXPECT_EQ(read(pipe.reader.get(), &byte, 1), 1);
  EXPECT_EQ(Collect(), (Done{{id.text(), Outcome::kLost}}));
  EXPECT_EQ(strays_, 1);
  EXPECT_TRUE(*PidFd::Open(stray)->AwaitDeath(absl::InfinitePast()));
  EXPECT_EQ(Reap(stray).value(), SIGTERM);
  EXPECT_EQ(StateOf(id).result.strays, 1);
}

TEST_F(GarbageTest, F35_LeavesRunningAndFinishedSessionsAlone) {
  const SessionId running = MakeSession();
  Supervise(running.text());
  const SessionId finished = MakeFinished(absl::Hours(50));
  SetAge(running.text(), absl::Hours(50));
  SetAge(finished.text(), absl::Hours(50));
  EXPECT_THAT(Collect(absl::ZeroDuration()), IsEmpty());
  EXPECT_EQ(StateOf(running).kind, Kind::kRunning);
}

TEST_F(GarbageTest, F29_ASupervisorThatStaysAfterTheResultIsEnded) {
  const SessionId id =
      MakeVisible(MakeHidden(SessionId::Parse(kTestSession).value()));
  Supervise(id.text());
  const SessionDirectory session = store_.Find(id.text()).value();
  ASSERT_TRUE(session.Publish({.id = id.text(), .exit_code = 1}).ok());
  const Clearance all = {.limits = {.max_count = 0}};
  Clearance dry = all;
  dry.dry_run = true;
  EXPECT_THAT(Collect(dry), IsEmpty());
  EXPECT_FALSE(
      PidFd::Open(children_[0])->AwaitDeath(absl::InfinitePast()).value());
  // It was locked, and is left for the next one.
  EXPECT_THAT(Collect(all), IsEmpty());
  EXPECT_TRUE(
      PidFd::Open(children_[0])->AwaitDeath(absl::InfiniteFuture()).value());
  EXPECT_TRUE(Exists(id.text()));
  EXPECT_EQ(Collect(all), (Done{{id.text(), Outcome::kRemoved}}));
  EXPECT_FALSE(Exists(id.text()));
}

TEST_F(GarbageTest, RemovesHiddenDirectoriesOfThatAge) {
  const SessionId old = MakeHidden();
  SetAge(HiddenName(old), absl::Hours(1));
  const SessionId young = MakeHidden();
  SetAge(HiddenName(young), absl::Minutes(59));
  EXPECT_EQ(Collect(), (Done{{old.text(), Outcome::kRemoved}}));
  EXPECT_FALSE(Exists(HiddenName(old)));
  EXPECT_TRUE(Exists(HiddenName(young)));
  EXPECT_EQ(Collect(absl::ZeroDuration()),
            (Done{{young.text(), Outcome::kRemoved}}));
  EXPECT_THAT(store_.List()->hidden, IsEmpty());
  EXPECT_THAT(store_.List()->discarded, IsEmpty());
}

TEST_F(GarbageTest, F35_AHiddenSessionThatIsLockedIsLeftAlone) {
  const SessionId id = MakeHidden();
  Supervise(HiddenName(id));
  SetAge(HiddenName(id), absl::Hours(50));
  EXPECT_THAT(Collect(), IsEmpty());
  EXPECT_TRUE(Exists(HiddenName(id)));
}

TEST_F(GarbageTest, FinishesWhatAnotherOneBegan) {
  const SessionId id = MakeHidden();
  ASSERT_EQ(rename(PathOf(HiddenName(id)).c_str(),
                   PathOf(absl::StrCat(HiddenName(id), ".gc")).c_str()),
            0);
  EXPECT_EQ(Collect(), (Done{{id.text(), Outcome::kRemoved}}));
  EXPECT_THAT(store_.List()->discarded, IsEmpty());
}

TEST_F(GarbageTest, OneFailureDoesNotStopTheOthers) {
  const SessionId corrupt = MakeSession();
  ASSERT_TRUE(
      CreateFileAt(store_.Find(corrupt.text())->fd(), kResultFile, "=").ok());
  const SessionId lost = MakeSession();
  const SessionId shared = MakeHidden();
  ASSERT_EQ(chmod(PathOf(HiddenName(shared)).c_str(), 0770), 0);
  const SessionId old = MakeHidden();
  SetAge(HiddenName(old), absl::Hours(2));
  EXPECT_EQ(Collect(), (Done{{lost.text(), Outcome::kLost},
                             {old.text(), Outcome::kRemoved}}));
  EXPECT_THAT(failures_,
              ElementsAre(HasSubstr(corrupt.text()), HasSubstr(shared.text())));
}

TEST_F(GarbageTest, RemovesWhatFinishedLongerAgo) {
  const SessionId old = MakeFinished(absl::Hours(3));
  const SessionId young = MakeFinished(absl::Hours(1));
  const SessionId older = MakeFinished(absl::Hours(4));
  EXPECT_EQ(Collect({.limits = {.max_age = absl::Hours(2)}}),
            (Done{{old.text(), Outcome::kRemoved},
                  {older.text(), Outcome::kRemoved}}));
  EXPECT_THAT(store_.List()->sessions, ElementsAre(young));
  EXPECT_THAT(store_.List()->discarded, IsEmpty());
}

TEST_F(GarbageTest, RemovesTheOldestUntilTheRestFits) {
  const std::string output(1'000'000, 'x');
  const SessionId first = MakeFinished(absl::Hours(1), output);
  const SessionId second = MakeFinished(absl::Hours(1), output);
  const SessionId third = MakeFinished(absl::Hours(1), output);
  const SessionId running = MakeSession();
  Supervise(running.text());
  ASSERT_TRUE(
      CreateFileAt(store_.OpenVisible(running)->fd(), kStdoutFile, output)
          .ok());
  EXPECT_THAT(Collect({.limits = {.max_bytes = 5'000'000}}), IsEmpty());
  EXPECT_EQ(Collect({.limits = {.max_bytes = 2'500'000}}),
            (Done{{first.text(), Outcome::kRemoved},
                  {second.text(), Outcome::kRemoved}}));
  EXPECT_GE(bytes_[first.text()], 1'000'000);
  EXPECT_LT(bytes_[first.text()], 1'200'000);
  EXPECT_EQ(Collect({.limits = {.max_bytes = 1}}),
            (Done{{third.text(), Outcome::kRemoved}}));
  EXPECT_THAT(store_.List()->sessions, ElementsAre(running));
}

TEST_F(GarbageTest, WhatIsLostHasFinishedNow) {
  const SessionId old = MakeFinished(absl::Hours(50));
  const SessionId lost = MakeSession();
  EXPECT_EQ(
      Collect({.limits = {.max_age = absl::Hours(2)}}),
      (Done{{old.text(), Outcome::kRemoved}, {lost.text(), Outcome::kLost}}));
  EXPECT_EQ(StateOf(lost).result.status, SessionStatus::kLost);
  const SessionId newer = MakeSession();
  for (const bool dry_run : {true, false}) {
    const Clearance none = {.limits = {.max_count = 0}, .dry_run = dry_run};
    EXPECT_EQ(Collect(none), (Done{{lost.text(), Outcome::kRemoved},
                                   {newer.text(), Outcome::kRemoved}}));
  }
  EXPECT_THAT(store_.List()->sessions, IsEmpty());
}

TEST_F(GarbageTest, F35_OnlyWhatHasFinishedIsRemoved) {
  const SessionId running = MakeSession();
  Supervise(running.text());
  const SessionId corrupt = MakeSession();
  ASSERT_TRUE(
      CreateFileAt(store_.Find(corrupt.text())->fd(), kResultFile, "=").ok());
  const SessionId legacy = MakeSession();
  const std::string directory = PathOf(legacy.text());
  ASSERT_EQ(unlink(absl::StrCat(directory, "/", kSpecFile).c_str()), 0);
  ASSERT_TRUE(store_.OpenVisible(legacy)
                  ->Publish({.id = legacy.text(), .exit_code = 1})
                  .ok());
  EXPECT_THAT(Collect({.limits = {.max_age = absl::Nanoseconds(1),
                                  .max_count = 0,
                                  .max_bytes = 1}}),
              IsEmpty());
  EXPECT_THAT(failures_, ElementsAre(AllOf(
                             HasSubstr(corrupt.text()),
                             HasSubstr("remove " + PathOf(corrupt.text())))));
  EXPECT_EQ(store_.List()->sessions.size(), 3U);
}

TEST_F(GarbageTest, F35_TheCallersSessionsAreNotRemoved) {
  const SessionId outer = MakeFinished(absl::Hours(3));
  const SessionId other = MakeFinished(absl::Hours(3));
  setenv("CSA_SESSION_ID", outer.text().c_str(), 1);
  const Done done = Collect({.limits = {.max_count = 0}});
  unsetenv("CSA_SESSION_ID");
  EXPECT_EQ(done, (Done{{other.text(), Outcome::kRemoved}}));
  EXPECT_TRUE(Exists(outer.text()));
}

TEST_F(GarbageTest, F35_ADryRunTellsTheSameAndChangesNothing) {
  MakeFinished(absl::Hours(3), std::string(100'000, 'x'));
  MakeFinished(absl::Hours(1));
  MakeVisible(MakeHidden(SessionId::Generate(absl::Now())));  // lost
  const SessionId half_made = MakeHidden();
  SetAge(HiddenName(half_made), absl::Hours(2));
  const SessionId half_removed = MakeHidden();
  ASSERT_EQ(rename(PathOf(HiddenName(half_removed)).c_str(),
                   PathOf(DiscardedName(half_removed)).c_str()),
            0);
  Clearance clearance = {.limits = {.max_count = 2}, .dry_run = true};
  const Done dry = Collect(clearance);
  const std::map<std::string, int64_t> dry_bytes = bytes_;
  EXPECT_EQ(dry.size(), 4U);
  EXPECT_EQ(store_.List()->sessions.size(), 3U);
  EXPECT_THAT(store_.List()->hidden, ElementsAre(half_made));
  EXPECT_THAT(store_.List()->discarded, ElementsAre(half_removed));
  clearance.dry_run = false;
  EXPECT_EQ(Collect(clearance), dry);
  EXPECT_EQ(bytes_, dry_bytes);
  EXPECT_EQ(store_.List()->sessions.size(), 2U);
  EXPECT_THAT(store_.List()->hidden, IsEmpty());
  EXPECT_THAT(store_.List()->discarded, IsEmpty());
}

TEST_F(GarbageTest, F18_ALossInAnotherPidNamespaceIsReportedAndLeftAlone) {
  const uint64_t own = OwnPidNamespace();
  if (own == kInitialPidNamespace) {
    GTEST_SKIP() << "every process can be seen from here";
  }
  const SessionId id = SessionId::Generate(absl::UnixEpoch());
  const SessionDirectory session = store_.MakeHidden(id).value();
  ASSERT_TRUE(CreateFileAt(session.fd(), kSpecFile,
                           FormatSessionSpec({.id = id.text(),
                                              .argv = {"true"},
                                              .pid_namespace = own + 1}))
                  .ok());
  ASSERT_EQ(rename(PathOf(HiddenName(id)).c_str(), PathOf(id.text()).c_str()),
            0);
  for (const bool dry_run : {true, false}) {
    const Clearance none = {.limits = {.max_count = 0}, .dry_run = dry_run};
    EXPECT_THAT(Collect(none), IsEmpty());
    EXPECT_THAT(failures_, ElementsAre(HasSubstr("another pid namespace")));
  }
  EXPECT_EQ(StateOf(id).kind, Kind::kLost);
}

}  // namespace
}  // namespace csa
