#include "tools/spawn/spawn.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/cli/exit_status.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/session/session_spec.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StartSessionTest : public testing::Test {
 protected:
  // Calls `body` in a child, since StartSession changes the environment and the
  // umask, with `input` as its standard input. Fails when it does.
  void InChild(absl::string_view input, absl::FunctionRef<void()> body) {
    const UniqueFd prompt = OpenInMemory(input).value();
    const pid_t child = ForkWorker([&] {
                          MoveTo(prompt.get(), STDIN_FILENO);
                          setenv("CSA_STATE_DIR", scratch_.path().c_str(), 1);
                          unsetenv("CSA_DEPTH");
                          unsetenv("CSA_SESSION_ID");
                          body();
                          _exit(HasFailure() ? 1 : 0);
                        }).value();
    EXPECT_EQ(Reap(child).value(), 0);
  }
  void InChild(absl::FunctionRef<void()> body) { InChild("", body); }

  // The names in the store, if there is one.
  std::vector<std::string> Sessions() {
    std::vector<std::string> names;
    const absl::StatusOr<UniqueFd> store =
        OpenAt(AT_FDCWD, scratch_.PathOf("sessions"), O_RDONLY | O_DIRECTORY);
    if (!store.ok()) return names;
    EXPECT_TRUE(ListDirectory(store->get(), [&](absl::string_view name) {
                  names.emplace_back(name);
                  return true;
                }).ok());
    return names;
  }

  bool HasStore() { return ExistsAt(AT_FDCWD, scratch_.PathOf("sessions")); }

  ScratchDirectory scratch_;
};

TEST_F(StartSessionTest, F04_WithoutASupervisorNothingIsLeft) {
  InChild([] {
    const absl::Status status =
        StartSession({"true"}, {}, {}, {}, false).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("/csa-supervise: "));
    // It is csa that cannot be executed, not the command.
    EXPECT_EQ(ExitStatusFor(status), ExitStatus::kFailed);
  });
  EXPECT_TRUE(HasStore());
  EXPECT_THAT(Sessions(), IsEmpty());
}

TEST_F(StartSessionTest, F39_TheStoreIsItsOwnersWhateverTheUmask) {
  InChild([] {
    SetUmask(0);
    EXPECT_FALSE(StartSession({"true"}, {}, {}, {}, false).ok());
  });
  struct stat status = {};
  ASSERT_EQ(stat(scratch_.PathOf("sessions").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST_F(StartSessionTest, APromptThatIsTooLongIsRefused) {
  InChild(std::string(kMaxPromptBytes + 1, 'x'), [] {
    const absl::Status status =
        StartSession({"true"}, {}, {.capture = true}, {}, false).status();
    EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("10 MiB"));
  });
  EXPECT_TRUE(HasStore());
  EXPECT_THAT(Sessions(), IsEmpty());
}

TEST_F(StartSessionTest, TheLongestPromptIsNot) {
  InChild(std::string(kMaxPromptBytes, 'x'), [] {
    const absl::Status status =
        StartSession({"true"}, {}, {.capture = true}, {}, false).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("/csa-supervise: "));
  });
  EXPECT_THAT(Sessions(), IsEmpty());
}

TEST_F(StartSessionTest, APromptThatIsNotCapturedCannotBeGiven) {
  InChild([] {
    EXPECT_TRUE(absl::IsInvalidArgument(
        StartSession({"true"}, {}, {.to_stdin = true}, {}, false).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(
        StartSession({"true"}, {}, {.to_argument = 0}, {}, false).status()));
  });
  EXPECT_FALSE(HasStore());
}

TEST_F(StartSessionTest, ThePromptsArgumentMustBeThere) {
  InChild([] {
    EXPECT_TRUE(absl::IsInvalidArgument(
        StartSession({"sh", "x"}, {}, {.capture = true, .to_argument = 2}, {},
                     false)
            .status()));
  });
  EXPECT_FALSE(HasStore());
}

TEST_F(StartSessionTest, FiveSessionsDeepIsTheEnd) {
  const auto error_at = [](const char* depth) {
    setenv("CSA_DEPTH", depth, 1);
    return StartSession({"true"}, {}, {}, {}, false).status();
  };
  InChild([&] {
    for (const char* const depth : {"5", "6", "1000"}) {
      const absl::Status status = error_at(depth);
      EXPECT_TRUE(absl::IsFailedPrecondition(status)) << depth << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr("no more than 5"));
    }
    for (const char* const depth : {"-1", "x", "1x", "99999999999"}) {
      EXPECT_TRUE(absl::IsInvalidArgument(error_at(depth))) << depth;
    }
  });
  EXPECT_FALSE(HasStore());
  InChild([&] {
    EXPECT_THAT(std::string(error_at("4").message()),
                HasSubstr("/csa-supervise: "));
  });
}

TEST_F(StartSessionTest, WithoutAPlaceForItNothingStarts) {
  InChild([] {
    setenv("CSA_STATE_DIR", "relative", 1);
    EXPECT_TRUE(absl::IsInvalidArgument(
        StartSession({"true"}, {}, {}, {}, false).status()));
  });
}

}  // namespace
}  // namespace csa
