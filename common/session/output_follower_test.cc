#include "common/session/output_follower.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/process.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using Outcome = OutputFollower::Outcome;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

class OutputFollowerTest : public testing::Test {
 protected:
  OutputFollowerTest() : session_(Make()) {}
  ~OutputFollowerTest() override {
    if (supervisor_ == 0) return;
    kill(supervisor_, SIGKILL);
    static_cast<void>(Reap(supervisor_));
  }

  SessionDirectory Make() {
    EXPECT_EQ(mkdir(scratch_.PathOf(kId).c_str(), 0700), 0);
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, scratch_.path(), O_RDONLY | O_DIRECTORY).value();
    SessionDirectory session =
        SessionDirectory::Open(sessions.get(), SessionId::Parse(kId).value(),
                               kId, scratch_.path())
            .value();
    EXPECT_TRUE(CreateFileAt(session.fd(), kSpecFile,
                             FormatSessionSpec({.id = kId, .argv = {"true"}}))
                    .ok());
    EXPECT_TRUE(CreateFileAt(session.fd(), kStdoutFile, "").ok());
    EXPECT_TRUE(CreateFileAt(session.fd(), kStderrFile, "").ok());
    return session;
  }

  void Append(const char* log, absl::string_view text) {
    const UniqueFd file =
        OpenAt(session_.fd(), log, O_WRONLY | O_APPEND).value();
    EXPECT_TRUE(WriteAll(file.get(), text).ok());
  }

  // A child that holds the session's lock and calls `work` for each byte that
  // is written to `go_`; it ends with the first call that returns false.
  void StartSupervisor(absl::FunctionRef<bool()> work) {
    const Pipe held = OpenPipe().value();
    supervisor_ =
        ForkWorker([&] {
          const UniqueFd lock =
              OpenAt(session_.fd(), kLockFile, O_RDWR | O_CREAT | O_EXCL, 0600)
                  .value();
          if (!LockForWriting(lock.get()).ok()) _exit(1);
          static_cast<void>(WriteAll(held.writer.get(), "x"));
          char byte;
          while (read(go_.reader.get(), &byte, 1) == 1 && work()) {
          }
        }).value();
    char byte;
    ASSERT_EQ(read(held.reader.get(), &byte, 1), 1);
  }

  void Go() const { EXPECT_TRUE(WriteAll(go_.writer.get(), "x").ok()); }

  void Publish() {
    EXPECT_TRUE(
        session_
            .Publish(
                {.id = kId, .status = SessionStatus::kSuccess, .exit_code = 0})
            .ok());
  }

  // Both logs, into `copied_`; each part of the first makes the supervisor go
  // on.
  OutputFollower Follower() {
    std::vector<LogFollower> logs;
    for (const char* name : {kStdoutFile, kStderrFile}) {
      logs.emplace_back(OpenRegularAt(session_.fd(), name).value(), null_.get(),
                        [this](absl::string_view bytes) {
                          absl::StrAppend(&copied_, bytes);
                          if (!bytes.empty()) Go();
                          return absl::OkStatus();
                        });
    }
    return OutputFollower(std::move(logs));
  }

  const ScratchDirectory scratch_;
  const SessionDirectory session_;
  const UniqueFd null_ = OpenAt(AT_FDCWD, "/dev/null", O_WRONLY).value();
  const Pipe go_ = OpenPipe().value();
  std::string copied_;
  pid_t supervisor_ = 0;
};

TEST_F(OutputFollowerTest, AFinishedSessionIsCopiedAtOnce) {
  Append(kStdoutFile, "out ");
  Append(kStderrFile, "err");
  Publish();
  EXPECT_EQ(Follower().Follow(session_, -1).value(), Outcome::kToTheEnd);
  EXPECT_EQ(copied_, "out err");
}

TEST_F(OutputFollowerTest, WhatComesIsCopiedAsItComes) {
  Append(kStdoutFile, "0");
  int step = 0;
  StartSupervisor([&] {
    ++step;
    if (step == 1) Append(kStderrFile, "1");
    if (step == 2) Append(kStdoutFile, "2");
    if (step == 3) {
      // Nobody need have heard of it when the session ends.
      Append(kStderrFile, "3");
      Publish();
    }
    return step < 3;
  });
  EXPECT_EQ(Follower().Follow(session_, -1).value(), Outcome::kToTheEnd);
  EXPECT_EQ(copied_, "0123");
}

TEST_F(OutputFollowerTest, AnInterruptLeavesTheRestToTheNextCall) {
  StartSupervisor([&] {
    Append(kStdoutFile, "late");
    Publish();
    return false;
  });
  OutputFollower follower = Follower();
  const Pipe interrupt = OpenPipe().value();
  ASSERT_TRUE(WriteAll(interrupt.writer.get(), "x").ok());
  EXPECT_EQ(follower.Follow(session_, interrupt.reader.get()).value(),
            Outcome::kInterrupted);
  EXPECT_EQ(copied_, "");
  Go();
  EXPECT_EQ(follower.Follow(session_, -1).value(), Outcome::kToTheEnd);
  EXPECT_EQ(copied_, "late");
}

TEST_F(OutputFollowerTest, WithoutLogsItWaitsForTheEnd) {
  StartSupervisor([&] {
    Publish();
    return false;
  });
  Go();
  EXPECT_EQ(OutputFollower({}).Follow(session_, -1).value(),
            Outcome::kToTheEnd);
}

TEST_F(OutputFollowerTest, ASinksErrorEndsIt) {
  Append(kStdoutFile, "x");
  Publish();
  std::vector<LogFollower> logs;
  logs.emplace_back(OpenRegularAt(session_.fd(), kStdoutFile).value(),
                    null_.get(), [](absl::string_view /*bytes*/) {
                      return absl::AbortedError("nobody reads");
                    });
  EXPECT_TRUE(absl::IsAborted(
      OutputFollower(std::move(logs)).Follow(session_, -1).status()));
}

}  // namespace
}  // namespace csa
