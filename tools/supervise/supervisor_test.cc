#include "tools/supervise/supervisor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/cli/exit_status.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "common/session/session_state.h"
#include "common/session/session_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::UnorderedElementsAre;

using Argv = std::vector<std::string>;

Argv Script(const std::string& script) { return {"/bin/sh", "-c", script}; }

class SuperviseTest : public testing::Test {
 protected:
  SuperviseTest()
      : scratch_(testing::TempDir() + "superviseXXXXXX"),
        store_(MakeStore()),
        id_(SessionId::Generate(absl::UnixEpoch())),
        session_(store_.MakeHidden(id_).value()) {}
  ~SuperviseTest() override {
    if (supervisor_ > 0) {
      kill(supervisor_, SIGKILL);
      static_cast<void>(Reap(supervisor_));
    }
    unsetenv("CSA_STATE_DIR");
    std::filesystem::remove_all(scratch_);
  }

  SessionStore MakeStore() {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    setenv("CSA_STATE_DIR", scratch_.c_str(), 1);
    return SessionStore::OpenOrMake().value();
  }

  std::string HiddenPath() const {
    return absl::StrCat(store_.path(), "/", HiddenName(id_));
  }

  // Writes the records as csa-spawn does.
  void Prepare(const Argv& argv, SessionSpec spec = {}) {
    spec.id = id_.text();
    spec.argv = argv;
    EXPECT_TRUE(
        CreateFileAt(session_.fd(), kSpecFile, FormatSessionSpec(spec)).ok());
    EXPECT_TRUE(
        CreateFileAt(session_.fd(), kCommandFile, FormatCommand(argv)).ok());
  }

  // A child that supervises the session and exits as csa-supervise does. Waits
  // for its readiness, or for its end. Returns whether it was ready.
  bool Start(const std::string& path, const std::string& id) {
    Pipe ready = OpenPipe().value();
    supervisor_ =
        ForkWorker([&] {
          setenv("CSA_SESSION_ID", id.c_str(), 1);
          setenv("CSA_SESSION_DIR", session_.path().c_str(), 1);
          signal(SIGTERM, SIG_IGN);
          signal(SIGCHLD, SIG_IGN);
          sigset_t all;
          sigfillset(&all);
          sigprocmask(SIG_BLOCK, &all, nullptr);
          umask(027);
          const absl::Status done = Supervise(path, ready.writer.get());
          _exit(done.ok() ? 0 : static_cast<int>(ExitStatusFor(done)));
        }).value();
    ready.writer.Reset();
    return ReadAll(ready.reader.get(), 100).value() == "\n";
  }
  bool Start() { return Start(HiddenPath(), id_.text()); }

  // The supervisor's exit status.
  int End() {
    const PidFd process = PidFd::Open(supervisor_).value();
    const absl::Time deadline = MonotonicNow() + absl::Seconds(60);
    if (!process.AwaitDeath(deadline).value()) return -1;
    const int wait_status = Reap(supervisor_).value();
    supervisor_ = 0;
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status)
                                  : 128 + WTERMSIG(wait_status);
  }

  // Runs the session to its end.
  SessionResult Run(const Argv& argv, const SessionSpec& spec = {}) {
    Prepare(argv, spec);
    EXPECT_TRUE(Start());
    EXPECT_EQ(End(), 0);
    return session_.ReadResult().value();
  }

  std::string Log(const char* name) {
    return ReadFileAt(session_.fd(), name, 1 << 20).value();
  }

  std::vector<std::string> NamesIn(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  std::string scratch_;
  const SessionStore store_;
  const SessionId id_;
  const SessionDirectory session_;
  pid_t supervisor_ = 0;
};

TEST_F(SuperviseTest, PublishesHowTheCommandEnded) {
  SessionSpec spec;
  spec.tool = "codex";
  const SessionResult result =
      Run(Script("echo one; echo two; echo three >&2; exit 3"), spec);
  EXPECT_EQ(result.id, id_.text());
  EXPECT_EQ(result.status, SessionStatus::kFailure);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.command_exit, 3);
  EXPECT_EQ(result.tool, "codex");
  EXPECT_EQ(result.summary, "two");
  EXPECT_EQ(result.strays, 0);
  EXPECT_GE(result.completed_at, result.started_at);
  EXPECT_TRUE(result.cpu.has_value());
  EXPECT_GT(result.max_rss_kb.value_or(0), 0);
  EXPECT_EQ(Log(kStdoutFile), "one\ntwo\n");
  EXPECT_EQ(Log(kStderrFile), "three\n");
}

TEST_F(SuperviseTest, LeavesTheRecordsAndNothingElse) {
  Run({"true"});
  EXPECT_THAT(NamesIn(store_.path()), ElementsAre(id_.text()));
  EXPECT_THAT(NamesIn(session_.path()),
              UnorderedElementsAre(kSpecFile, kCommandFile, kLockFile,
                                   kStdoutFile, kStderrFile, kResultFile));
}

TEST_F(SuperviseTest, F39_ItsFilesAreItsOwnersOnly) {
  Run({"true"});
  for (const std::string& name : NamesIn(session_.path())) {
    struct stat status = {};
    ASSERT_EQ(fstatat(session_.fd(), name.c_str(), &status, 0), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << name;
  }
}

TEST_F(SuperviseTest, F01_ReadyMeansFoundAndLocked) {
  Prepare(Script("exec sleep 1000"));
  ASSERT_TRUE(Start());
  const SessionDirectory found = store_.Find(id_.text()).value();
  const absl::StatusOr<SessionState> state = ReadState(found);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->kind, SessionState::Kind::kRunning);
  EXPECT_EQ(state->supervisor, supervisor_);
  EXPECT_EQ(Log(kLockFile), absl::StrCat(supervisor_, "\n"));
}

TEST_F(SuperviseTest, F27_ARequestIsRecordedWithItsSender) {
  Prepare(Script("exec sleep 1000"));
  ASSERT_TRUE(Start());
  kill(supervisor_, SIGTERM);
  EXPECT_EQ(End(), 0);
  const SessionResult result = session_.ReadResult().value();
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_EQ(result.ended_by, DescribeWithParent(getpid()));
}

TEST_F(SuperviseTest, F15_KilledItLeavesALostSessionAndNoCommand) {
  Prepare(Script("exec sleep 1000"));
  ASSERT_TRUE(Start());
  const std::vector<pid_t> command = ChildrenOf(supervisor_);
  ASSERT_EQ(command.size(), 1U);
  const PidFd process = PidFd::Open(command[0]).value();
  kill(supervisor_, SIGKILL);
  EXPECT_EQ(End(), 128 + SIGKILL);
  EXPECT_EQ(ReadState(session_)->kind, SessionState::Kind::kLost);
  EXPECT_TRUE(process.AwaitDeath(MonotonicNow() + absl::Seconds(60)).value());
}

TEST_F(SuperviseTest, F04_ACommandThatIsMissingLeavesNothing) {
  Prepare({"/nowhere/to/be/found"});
  EXPECT_FALSE(Start());
  EXPECT_EQ(End(), 127);
  EXPECT_TRUE(std::filesystem::is_empty(store_.path()));
}

TEST_F(SuperviseTest, F04_ACommandThatIsNoProgramLeavesNothing) {
  Prepare({scratch_});
  EXPECT_FALSE(Start());
  EXPECT_EQ(End(), 126);
  EXPECT_TRUE(std::filesystem::is_empty(store_.path()));
}

TEST_F(SuperviseTest, RefusesADirectoryThatHasHadASupervisor) {
  Prepare({"true"});
  ASSERT_TRUE(CreateFileAt(session_.fd(), kLockFile, "").ok());
  EXPECT_FALSE(Start());
  EXPECT_EQ(End(), 125);
  EXPECT_THAT(NamesIn(HiddenPath()),
              UnorderedElementsAre(kSpecFile, kCommandFile, kLockFile));
}

TEST_F(SuperviseTest, RefusesADirectoryThatHasAResult) {
  Prepare({"true"});
  ASSERT_TRUE(session_.Publish({.id = id_.text(), .exit_code = 1}).ok());
  EXPECT_FALSE(Start());
  EXPECT_EQ(End(), 125);
  EXPECT_THAT(NamesIn(HiddenPath()),
              UnorderedElementsAre(kSpecFile, kCommandFile, kResultFile));
}

TEST_F(SuperviseTest, RefusesWhatIsNoHiddenSession) {
  Prepare({"true"});
  const std::string other = SessionId::Generate(absl::UnixEpoch()).text();
  for (const std::string& path :
       {store_.path(), store_.path() + "/" + id_.text(),
        store_.path() + "/." + other, HiddenName(id_), std::string(),
        HiddenPath() + "/", scratch_ + "/x/" + HiddenName(id_)}) {
    EXPECT_FALSE(Start(path, id_.text())) << path;
    EXPECT_EQ(End(), 125) << path;
  }
  EXPECT_FALSE(Start(HiddenPath(), other)) << "the environment of another";
  EXPECT_EQ(End(), 125);
  EXPECT_THAT(NamesIn(HiddenPath()),
              UnorderedElementsAre(kSpecFile, kCommandFile));
}

TEST_F(SuperviseTest, RefusesATornRecord) {
  Prepare({"true"});
  std::filesystem::resize_file(HiddenPath() + "/command", 2);
  EXPECT_FALSE(Start());
  EXPECT_EQ(End(), 125);
}

TEST_F(SuperviseTest, F11_TheCommandHasDefaultSignalsAndTheCallersUmask) {
  // 32 and 33 are glibc's own, whatever the caller has made of them.
  Run(Script("umask; sed -n '/^Sig\\(Blk\\|Ign\\)/p' /proc/self/status"));
  const std::vector<std::string> lines =
      absl::StrSplit(Log(kStdoutFile), '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "0027");
  EXPECT_EQ(lines[1], "SigBlk:\t0000000000000000");
  uint64_t ignored = 0;
  ASSERT_TRUE(absl::SimpleHexAtoi(
      lines[2].substr(std::string("SigIgn:\t").size()), &ignored));
  constexpr uint64_t kOfGlibc = uint64_t{3} << 31;
  EXPECT_EQ(ignored & ~kOfGlibc, 0U) << lines[2];
}

TEST_F(SuperviseTest, TheCommandRunsInTheWorkingDirectoryOfItsStarter) {
  EXPECT_EQ(Run({"pwd"}).summary, std::filesystem::current_path().string());
}

TEST_F(SuperviseTest, F22_TheCommandLeadsAProcessGroupOfItsOwn) {
  // PID (COMM) STATE PPID PGRP SESSION: that of the supervisor.
  Run(
      Script("read pid comm state ppid pgrp posix rest </proc/$$/stat;"
             "test $pid = $pgrp && test $ppid = $posix"));
  EXPECT_EQ(session_.ReadResult()->exit_code, 0);
}

TEST_F(SuperviseTest, F02_TheCommandReadsThePrompt) {
  ASSERT_TRUE(CreateFileAt(session_.fd(), kPromptFile, "do it\n").ok());
  SessionSpec spec;
  spec.input = CommandInput::kPrompt;
  EXPECT_EQ(Run({"cat"}, spec).summary, "do it");
}

TEST_F(SuperviseTest, TheCommandReadsNothingUnlessThereIsAPrompt) {
  ASSERT_TRUE(CreateFileAt(session_.fd(), kPromptFile, "do it\n").ok());
  EXPECT_EQ(Run({"cat"}).summary, "");
}

TEST_F(SuperviseTest, F05_NoInheritedDescriptorIsKept) {
  Prepare(Script("exec sleep 1000"));
  Pipe held = OpenPipe().value();
  ASSERT_EQ(fcntl(held.writer.get(), F_SETFD, 0), 0);
  ASSERT_TRUE(Start());
  held.writer.Reset();
  // The end of the file: nobody has the other end.
  ASSERT_TRUE(
      AwaitReadable(held.reader.get(), MonotonicNow() + absl::Seconds(60))
          .value());
  EXPECT_EQ(ReadAll(held.reader.get(), 1).value(), "");
  EXPECT_EQ(ReadState(session_)->kind, SessionState::Kind::kRunning);
}

TEST_F(SuperviseTest, F13_F26_WhatIsLeftBehindHasEndedBeforeTheResult) {
  const SessionResult result = Run(
      Script("env -i setsid sleep 1000 & (setsid sleep 1000 &); echo done"));
  EXPECT_EQ(result.status, SessionStatus::kSuccess);
  EXPECT_EQ(result.summary, "done");
  EXPECT_EQ(result.strays, 2);
  EXPECT_THAT(result.stray_names,
              ElementsAre(EndsWith(" sleep"), EndsWith(" sleep")));
}

TEST_F(SuperviseTest, F13_OutputThatComesAfterTheEndIsWaitedFor) {
  // The filter ends by itself, at the end of its input.
  const SessionResult result =
      Run({"/bin/sh", "-c",
           "mkfifo \"$0\"; cat <\"$0\" & exec >\"$0\"; echo filtered",
           scratch_ + "/fifo"});
  EXPECT_EQ(result.summary, "filtered");
  EXPECT_EQ(result.strays, 0);
}

TEST_F(SuperviseTest, TimeoutsEndTheSession) {
  SessionSpec spec;
  spec.timeout = absl::Milliseconds(100);
  EXPECT_EQ(Run(Script("exec sleep 1000"), spec).status,
            SessionStatus::kTimeout);
}

TEST_F(SuperviseTest, F42_IdleTimeoutsEndTheSession) {
  SessionSpec spec;
  spec.idle_timeout = absl::Milliseconds(200);
  EXPECT_EQ(Run(Script("echo hello; exec sleep 1000"), spec).status,
            SessionStatus::kIdleTimeout);
}

}  // namespace
}  // namespace csa
