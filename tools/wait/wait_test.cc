#include "tools/wait/wait.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/cli/options.h"
#include "common/cli/output.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";
constexpr char kOther[] = "01ARYZ6S41TSV4RRFFQ69G5FAW";
// Too long to wait for.
constexpr absl::Duration kLong = absl::Seconds(600);
constexpr absl::Duration kShort = absl::Milliseconds(20);

std::string Text(const UniqueFd& fd) {
  EXPECT_EQ(lseek(fd.get(), 0, SEEK_SET), 0);
  return ReadAll(fd.get(), 1 << 20).value();
}

std::string Completed(const std::string& rest) {
  return absl::StrCat("<!-- CSA:SESSION_WAIT_COMPLETED session=", kId, " ",
                      rest, " -->\n");
}

class WaitTest : public testing::Test {
 protected:
  WaitTest() : session_(Make(kId)) {}
  ~WaitTest() override {
    if (supervisor_ == 0) return;
    kill(supervisor_, SIGKILL);
    static_cast<void>(Reap(supervisor_));
  }

  SessionDirectory Make(const char* id) const {
    mkdir(Sessions().c_str(), 0700);
    EXPECT_EQ(mkdir(absl::StrCat(Sessions(), "/", id).c_str(), 0700), 0);
    SessionDirectory session = Open(id);
    EXPECT_TRUE(CreateFileAt(session.fd(), kSpecFile,
                             FormatSessionSpec({.id = id, .argv = {"true"}}))
                    .ok());
    return session;
  }

  SessionDirectory Open(const char* id) const {
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, Sessions(), O_RDONLY | O_DIRECTORY).value();
    return SessionDirectory::Open(sessions.get(), SessionId::Parse(id).value(),
                                  id, Sessions())
        .value();
  }

  std::string Sessions() const { return scratch_.PathOf("sessions"); }

  void WriteLog(absl::string_view text) {
    EXPECT_TRUE(CreateFileAt(session_.fd(), kStdoutFile, text).ok());
  }

  void Publish(SessionStatus status, int exit_code, int strays = 0) {
    EXPECT_TRUE(session_
                    .Publish({.id = kId,
                              .status = status,
                              .exit_code = exit_code,
                              .command_exit = exit_code,
                              .summary = "the summary",
                              .strays = strays})
                    .ok());
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
          if (read(go_.reader.get(), &byte, 1) == 1) {
            Publish(SessionStatus::kSuccess, 0);
          }
        }).value();
    char byte;
    ASSERT_EQ(read(held.reader.get(), &byte, 1), 1);
  }

  // How csa-wait ends, and what it prints.
  struct Waited {
    int exit_status;
    std::string output;
    std::string error;
  };
  Waited WaitFor(absl::Duration timeout, OutputExtent extent = {},
                 const std::vector<std::string>& options = {}) {
    return Captured(options, [&] { return Wait(session_, timeout, extent); });
  }
  // The same of another session, which has failed with 7, and then this one.
  Waited WaitForBoth(const std::vector<std::string>& options = {}) {
    EXPECT_TRUE(Make(kOther)
                    .Publish({.id = kOther,
                              .status = SessionStatus::kFailure,
                              .exit_code = 7,
                              .command_exit = 7})
                    .ok());
    const std::vector<SessionId> both = {SessionId::Parse(kOther).value(),
                                         SessionId::Parse(kId).value()};
    setenv("CSA_STATE_DIR", scratch_.path().c_str(), 1);
    const SessionStore store = SessionStore::Open().value();
    return Captured(options, [&] {
      return WaitForSeveral(store, both, kShort, /*any=*/false,
                            /*quiet=*/false);
    });
  }

  static Waited Captured(const std::vector<std::string>& options,
                         absl::FunctionRef<absl::StatusOr<ExitStatus>()> wait) {
    const UniqueFd output = OpenInMemory("").value();
    const UniqueFd error = OpenInMemory("").value();
    const pid_t child =
        ForkWorker([&] {
          MoveTo(output.get(), STDOUT_FILENO);
          MoveTo(error.get(), STDERR_FILENO);
          const bool parsed =
              ParseOptions(options, OptionOrder::kAnywhere).ok();
          const absl::StatusOr<ExitStatus> exit_status = wait();
          if (!parsed || !exit_status.ok() || !FlushResult().ok()) _exit(255);
          _exit(static_cast<int>(*exit_status));
        }).value();
    const int wait_status = Reap(child).value();
    EXPECT_TRUE(WIFEXITED(wait_status));
    return {.exit_status = WEXITSTATUS(wait_status),
            .output = Text(output),
            .error = Text(error)};
  }

  const ScratchDirectory scratch_;
  const SessionDirectory session_;
  const Pipe go_ = OpenPipe().value();
  pid_t supervisor_ = 0;
};

TEST_F(WaitTest, F09_NotFinishedPrintsNothingButHowToGoOn) {
  WriteLog("so far\n");
  StartSupervisor();
  const Waited waited = WaitFor(kShort);
  EXPECT_EQ(waited.exit_status, 124);
  EXPECT_EQ(waited.output, "");
  EXPECT_EQ(waited.error,
            absl::StrCat("<!-- CSA:SESSION_WAIT_TIMEOUT session=", kId,
                         " elapsed=0s cmd=\"csa session wait --session ", kId,
                         "\" -->\n"));
}

TEST_F(WaitTest, F14_OfSeveralEachThatIsNotFinishedIsNamed) {
  StartSupervisor();
  const Waited waited = WaitForBoth();
  EXPECT_EQ(waited.exit_status, 124) << "though one has failed";
  EXPECT_EQ(waited.output, absl::StrCat(kOther, " failure 7\n"));
  EXPECT_EQ(waited.error,
            absl::StrCat("<!-- CSA:SESSION_WAIT_TIMEOUT session=", kId,
                         " elapsed=0s cmd=\"csa session wait --session ", kId,
                         "\" -->\n"));
}

TEST_F(WaitTest, F14_OfSeveralEachThatIsNotFinishedIsNamedInJson) {
  StartSupervisor();
  const Waited waited = WaitForBoth({"--format=json"});
  EXPECT_EQ(waited.exit_status, 124);
  EXPECT_EQ(waited.error, "");
  EXPECT_THAT(waited.output,
              HasSubstr(absl::StrCat("{\"session_id\":\"", kId,
                                     "\",\"state\":\"running\"")));
}

TEST_F(WaitTest, F09_NotFinishedIsSaidInJson) {
  StartSupervisor();
  const Waited waited = WaitFor(kShort, {}, {"--format=json"});
  EXPECT_EQ(waited.exit_status, 124);
  EXPECT_THAT(
      waited.output,
      StartsWith(absl::StrCat(
          "{\"session_id\":\"", kId,
          "\",\"state\":\"running\",\"status\":null,\"exit_code\":null")));
}

TEST_F(WaitTest, TheEndIsWaitedFor) {
  WriteLog("done\n");
  StartSupervisor();
  ASSERT_TRUE(WriteAll(go_.writer.get(), "x").ok());
  const Waited waited = WaitFor(kLong);
  EXPECT_EQ(waited.exit_status, 0);
  EXPECT_EQ(waited.output, "done\n");
  EXPECT_EQ(waited.error, Completed("status=success exit=0 strays=0"));
}

TEST_F(WaitTest, F13_OutputThatIsBeingRemovedIsNotTakenForNone) {
  Publish(SessionStatus::kSuccess, 0);
  const Waited silent = WaitFor(kLong);
  EXPECT_EQ(silent.exit_status, 0);
  EXPECT_EQ(silent.error, Completed("status=success exit=0 strays=0"));
  ASSERT_EQ(rename(session_.path().c_str(), scratch_.PathOf("gone").c_str()),
            0);
  const Waited removed = WaitFor(kLong);
  EXPECT_EQ(removed.exit_status, 255) << "an error";
  EXPECT_EQ(removed.error, "");
}

TEST_F(WaitTest, F12_AFinishedSessionsOutputIsPrintedByteForByte) {
  const std::string output("one\n\0\xFFtwo", 9);
  WriteLog(output);
  Publish(SessionStatus::kFailure, 3, 2);
  const Waited waited = WaitFor(kLong);
  EXPECT_EQ(waited.exit_status, 3);
  EXPECT_EQ(waited.output, output);
  EXPECT_EQ(waited.error, Completed("status=failure exit=3 strays=2"));
}

TEST_F(WaitTest, OrTheEndOfIt) {
  WriteLog("one\ntwo\nthree\n");
  Publish(SessionStatus::kSuccess, 0);
  EXPECT_EQ(WaitFor(kLong, {.last_lines = 2}).output, "two\nthree\n");
  EXPECT_EQ(WaitFor(kLong, {.last_lines = 9}).output, "one\ntwo\nthree\n");
  EXPECT_EQ(WaitFor(kLong, {.last_lines = 0}).output, "");
}

TEST_F(WaitTest, OrNoneOfIt) {
  WriteLog("one\n");
  Publish(SessionStatus::kKilled, 143);
  const Waited waited = WaitFor(kLong, {.none = true});
  EXPECT_EQ(waited.exit_status, 143);
  EXPECT_EQ(waited.output, "");
  EXPECT_EQ(waited.error, Completed("status=killed exit=143 strays=0"));
}

TEST_F(WaitTest, InJsonThereIsOneObjectAndNoOutput) {
  WriteLog("one\n");
  Publish(SessionStatus::kFailure, 3);
  const Waited waited = WaitFor(kLong, {}, {"--format=json"});
  EXPECT_EQ(waited.exit_status, 3);
  EXPECT_THAT(waited.output, StartsWith("{\"session_id\":"));
  EXPECT_THAT(waited.output, HasSubstr("\"summary\":\"the summary\""));
  EXPECT_THAT(waited.output, EndsWith("/stderr.log\"}\n"));
  EXPECT_EQ(waited.error, Completed("status=failure exit=3 strays=0"));
}

TEST_F(WaitTest, F14_ACommandsOwn124IsNotMistaken) {
  WriteLog("one\n");
  Publish(SessionStatus::kFailure, 124);
  const Waited waited = WaitFor(kLong);
  EXPECT_EQ(waited.exit_status, 1);
  EXPECT_EQ(waited.output, "one\n");
  EXPECT_EQ(waited.error, Completed("status=failure exit=124 strays=0"));
  EXPECT_THAT(WaitFor(kLong, {}, {"--format=json"}).output,
              HasSubstr("\"exit_code\":124"));
}

TEST_F(WaitTest, F15_ALostSessionIsSaidToBe) {
  WriteLog("one\n");
  EXPECT_TRUE(CreateFileAt(session_.fd(), kLockFile, "77\n").ok());
  const Waited waited = WaitFor(kLong);
  EXPECT_EQ(waited.exit_status, 1);
  EXPECT_EQ(waited.output, "");
  EXPECT_THAT(waited.error, HasSubstr("is lost"));
  EXPECT_THAT(WaitFor(kLong, {}, {"--format=json"}).output,
              HasSubstr("\"state\":\"lost\",\"status\":\"lost\""));
}

TEST_F(WaitTest, ASessionWithoutALogHasNoOutput) {
  Publish(SessionStatus::kSuccess, 0);
  const Waited waited = WaitFor(kLong);
  EXPECT_EQ(waited.exit_status, 0);
  EXPECT_EQ(waited.output, "");
}

TEST_F(WaitTest, F16_ATornResultIsAnError) {
  EXPECT_TRUE(CreateFileAt(session_.fd(), kResultFile, "status = \"su").ok());
  EXPECT_TRUE(absl::IsDataLoss(Wait(session_, kLong, {}).status()));
}

TEST_F(WaitTest, AReaderThatHasGoneAwayIsNoError) {
  WriteLog("one\n");
  Publish(SessionStatus::kFailure, 3);
  Pipe pipe = OpenPipe().value();
  pipe.reader.Reset();
  const pid_t child =
      ForkWorker([&] {
        SetUpSignals();
        MoveTo(pipe.writer.get(), STDOUT_FILENO);
        _exit(static_cast<int>(Wait(session_, kLong, {}).value()));
      }).value();
  EXPECT_EQ(WEXITSTATUS(Reap(child).value()), 3);
}

}  // namespace
}  // namespace csa
