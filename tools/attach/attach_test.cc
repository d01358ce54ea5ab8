#include "tools/attach/attach.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "common/cli/output.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

class AttachTest : public testing::Test {
 protected:
  AttachTest() : session_(Make()) {}
  ~AttachTest() override {
    for (const pid_t child : {supervisor_, attached_}) {
      if (child == 0) continue;
      kill(child, SIGKILL);
      static_cast<void>(Reap(child));
    }
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

  // A child that holds the session's lock, until a byte is written to `go_`:
  // then it publishes a result and ends.
  void StartSupervisor() {
    const Pipe held = OpenPipe().value();
    supervisor_ =
        ForkWorker([&] {
          const UniqueFd lock =
              OpenAt(session_.fd(), kLockFile, O_RDWR | O_CREAT | O_EXCL, 0600)
                  .value();
          if (!LockForWriting(lock.get()).ok()) _exit(1);
          static_cast<void>(WriteAll(held.writer.get(), "x"));
          char byte;
          if (read(go_.reader.get(), &byte, 1) == 1) Publish();
        }).value();
    char byte;
    ASSERT_EQ(read(held.reader.get(), &byte, 1), 1);
  }

  void Publish() {
    EXPECT_TRUE(
        session_
            .Publish(
                {.id = kId, .status = SessionStatus::kFailure, .exit_code = 3})
            .ok());
  }

  // A child that attaches, with its streams on `output_` and `error_`, which
  // no other child has.
  void StartAttach() {
    output_ = OpenPipe().value();
    error_ = OpenPipe().value();
    attached_ =
        ForkWorker([&] {
          SetUpSignals();
          signal(SIGINT, SIG_DFL);
          MoveTo(output_.writer.get(), STDOUT_FILENO);
          MoveTo(error_.writer.get(), STDERR_FILENO);
          output_.reader.Reset();
          const auto status = Attach(session_, OnSignal::kDetach);
          const bool flushed = FlushResult().ok();
          _exit(status.ok() && flushed ? static_cast<int>(*status) : 255);
        }).value();
    output_.writer.Reset();
    error_.writer.Reset();
  }

  // Reads as many bytes as `text` has.
  static void ExpectNext(const UniqueFd& from, const std::string& text) {
    std::string got;
    const absl::Time deadline = MonotonicNow() + absl::Seconds(60);
    while (got.size() < text.size()) {
      ASSERT_TRUE(AwaitReadable(from.get(), deadline).value()) << got;
      char byte;
      ASSERT_EQ(read(from.get(), &byte, 1), 1) << got;
      got += byte;
    }
    EXPECT_EQ(got, text);
  }

  int EndOfAttach() {
    const int wait_status = Reap(attached_).value();
    attached_ = 0;
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
  }

  const ScratchDirectory scratch_;
  const SessionDirectory session_;
  const Pipe go_ = OpenPipe().value();
  Pipe output_;
  Pipe error_;
  pid_t supervisor_ = 0;
  pid_t attached_ = 0;
};

TEST_F(AttachTest, AFinishedSessionIsShownWhole) {
  Append(kStdoutFile, "out\n");
  Append(kStderrFile, "err\n");
  Publish();
  StartAttach();
  EXPECT_EQ(EndOfAttach(), 3);
  EXPECT_EQ(ReadAll(output_.reader.get(), 100).value(), "out\n");
  EXPECT_EQ(ReadAll(error_.reader.get(), 100).value(), "err\n");
}

TEST_F(AttachTest, F13_OutputThatIsBeingRemovedIsNotTakenForNone) {
  Publish();
  for (const char* log : {kStdoutFile, kStderrFile}) {
    ASSERT_EQ(unlinkat(session_.fd(), log, 0), 0);
  }
  ASSERT_EQ(rename(session_.path().c_str(), scratch_.PathOf("gone").c_str()),
            0);
  StartAttach();
  EXPECT_EQ(EndOfAttach(), 255) << "an error";
}

TEST_F(AttachTest, BothStreamsAreShownAsTheyCome) {
  StartSupervisor();
  Append(kStdoutFile, "before\n");
  StartAttach();
  ExpectNext(output_.reader, "before\n");
  Append(kStderrFile, "err\n");
  ExpectNext(error_.reader, "err\n");
  Append(kStdoutFile, "after\n");
  ExpectNext(output_.reader, "after\n");
  Append(kStdoutFile, "last\n");
  ASSERT_TRUE(WriteAll(go_.writer.get(), "x").ok());
  EXPECT_EQ(EndOfAttach(), 3);
  EXPECT_EQ(ReadAll(output_.reader.get(), 100).value(), "last\n");
}

TEST_F(AttachTest, AnInterruptDetaches) {
  StartSupervisor();
  Append(kStdoutFile, "x");
  StartAttach();
  ExpectNext(output_.reader, "x");
  kill(attached_, SIGINT);
  EXPECT_EQ(EndOfAttach(), 128 + SIGINT);
  EXPECT_THAT(ReadAll(error_.reader.get(), 1000).value(),
              HasSubstr("detached"));
  EXPECT_TRUE(session_.Supervisor()->has_value()) << "it goes on";
}

TEST_F(AttachTest, ALostSessionIsSaidToBe) {
  ASSERT_TRUE(CreateFileAt(session_.fd(), kLockFile, "77\n").ok());
  Append(kStdoutFile, "out\n");
  StartAttach();
  EXPECT_EQ(EndOfAttach(), 1);
  EXPECT_EQ(ReadAll(output_.reader.get(), 100).value(), "out\n");
  EXPECT_THAT(ReadAll(error_.reader.get(), 1000).value(), HasSubstr("is lost"));
}

TEST_F(AttachTest, ItEndsWhenNobodyIsLeftToRead) {
  StartSupervisor();
  StartAttach();
  output_.reader.Reset();
  Append(kStdoutFile, "out\n");
  EXPECT_EQ(EndOfAttach(), 124);
  EXPECT_TRUE(session_.Supervisor()->has_value()) << "it goes on";
}

}  // namespace
}  // namespace csa
