#include "tools/spawn/announcement.h"

#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/cli/options.h"
#include "common/cli/output.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

StartedSession InDirectory(const std::string& directory) {
  return {.id = SessionId::Parse(kId).value(),
          .supervisor = 77,
          .directory = directory};
}

std::string Directive(absl::string_view directory) {
  const std::string session = absl::StrCat(" --session ", kId, "\"");
  return absl::StrCat("<!-- CSA:SESSION_STARTED id=", kId, " pid=77 dir=\"",
                      directory, "\" wait_cmd=\"csa session wait", session,
                      " attach_cmd=\"csa session attach", session,
                      " kill_cmd=\"csa session kill", session, " -->");
}

std::string Json(absl::string_view directory) {
  const std::string session = absl::StrCat(" --session ", kId, "\"");
  return absl::StrCat("{\"session_id\":\"", kId, "\",\"pid\":77,\"dir\":\"",
                      directory, "\",\"wait_cmd\":\"csa session wait", session,
                      ",\"attach_cmd\":\"csa session attach", session,
                      ",\"kill_cmd\":\"csa session kill", session, "}");
}

// What is announced, with `option`, on `stream`.
std::string Announced(int stream, const std::string& option) {
  const UniqueFd output = OpenInMemory("").value();
  const pid_t child = ForkWorker([&] {
                        MoveTo(output.get(), stream);
                        const bool parsed =
                            ParseOptions({option}, OptionOrder::kAnywhere).ok();
                        Announce(InDirectory("/state"));
                        _exit(parsed && FlushResult().ok() ? 0 : 1);
                      }).value();
  EXPECT_EQ(Reap(child).value(), 0);
  EXPECT_EQ(lseek(output.get(), 0, SEEK_SET), 0);
  return ReadAll(output.get(), 1 << 20).value();
}

TEST(FormatStartedDirective, HasAllThatIsNeededToGoOn) {
  EXPECT_EQ(FormatStartedDirective(InDirectory("/a b/c")), Directive("/a b/c"));
}

TEST(FormatStartedDirective, IsOneLineWhateverThePath) {
  EXPECT_EQ(FormatStartedDirective(InDirectory("/a\n-->\"\xFF")),
            Directive("/a\\x0A--\\x3E\\x22\\xFF"));
}

TEST(FormatStartedJson, HasAllThatIsNeededToGoOn) {
  EXPECT_EQ(FormatStartedJson(InDirectory("/a b/c")), Json("/a b/c"));
}

TEST(FormatStartedJson, IsValidWhateverThePath) {
  EXPECT_EQ(FormatStartedJson(InDirectory("/a\n\"\xFF")),
            Json("/a\\n\\\"\xEF\xBF\xBD"));
}

TEST(Announce, PutsTheResultOnStdoutAndTheDirectiveOnStderr) {
  EXPECT_EQ(Announced(STDOUT_FILENO, "--format=text"), absl::StrCat(kId, "\n"));
  EXPECT_EQ(Announced(STDERR_FILENO, "--format=text"),
            absl::StrCat(Directive("/state"), "\n"));
  EXPECT_EQ(Announced(STDOUT_FILENO, "--format=json"),
            absl::StrCat(Json("/state"), "\n"));
  EXPECT_EQ(Announced(STDERR_FILENO, "--format=json"),
            absl::StrCat(Directive("/state"), "\n"));
}

}  // namespace
}  // namespace csa
