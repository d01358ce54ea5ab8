// Promise: a prompt arrives whole, byte for byte, however it is given; what is
// none is refused before anything is started.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/testing/terminal.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr size_t kLargest = size_t{10} << 20;

// Text without a period that a lost block could hide in.
std::string Text(size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) absl::StrAppend(&text, i, "\n");
  text.resize(size);
  return text;
}

class PromptTest : public CsaTest {
 protected:
  // Runs csa, which starts a session, and returns what that has written.
  std::string OutputOf(const std::vector<std::string>& arguments,
                       const ProgramOptions& options = {}) const {
    const Ended run = Csa(arguments, options);
    EXPECT_EQ(run.exit_status, 0) << run.error;
    const Ended wait = Wait(std::string(absl::StripSuffix(run.output, "\n")));
    EXPECT_EQ(wait.exit_status, 0) << wait.error;
    return wait.output;
  }

  void ExpectRefused(const std::vector<std::string>& arguments,
                     const std::string& says,
                     const ProgramOptions& options = {}) const {
    const Ended run = Csa(arguments, options);
    EXPECT_EQ(run.exit_status, 125) << says;
    EXPECT_EQ(run.output, "");
    EXPECT_THAT(run.error, StartsWith("csa-"));
    EXPECT_THAT(run.error, HasSubstr(says));
    EXPECT_THAT(StoreEntries(), IsEmpty());
  }

  // The path of a file with these bytes.
  std::string FileWith(const std::string& bytes) const {
    std::string path = scratch().PathOf("prompt");
    WriteFile(path, bytes);
    return path;
  }

  // Puts a `codex` on PATH that prints its arguments and its standard input.
  ProgramOptions WithCodex() const {
    const std::string path = scratch().PathOf("codex");
    WriteFile(path, "#!/bin/sh\nprintf '<%s>' \"$@\"\ncat\n");
    EXPECT_EQ(chmod(path.c_str(), 0700), 0);
    return {.environment = {{"PATH", absl::StrCat(scratch().path(), ":",
                                                  std::getenv("PATH"))}}};
  }
};

TEST_F(PromptTest, F02_TheLargestPromptArrivesWhole) {
  const std::string prompt = Text(kLargest);
  const Ended spawn =
      Csa({"spawn", "--stdin=capture", "--", "cat"}, {.input = prompt});
  ASSERT_EQ(spawn.exit_status, 0) << spawn.error;
  const std::string id(absl::StripSuffix(spawn.output, "\n"));
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 0);
  EXPECT_TRUE(wait.output == prompt) << wait.output.size();
  EXPECT_TRUE(FileOf(id, "prompt.txt") == prompt);
}

TEST_F(PromptTest, F02_TheLargestPromptComesToAnAgentFromAPipe) {
  const std::string file = FileWith(Text(kLargest));
  const Ended run = RunProgram(
      {"bash", "-c", absl::StrCat("cat ", file, " | ", Tool("csa"), " run")},
      InTest(WithCodex()));
  ASSERT_EQ(run.exit_status, 0) << run.error;
  const std::string id(absl::StripSuffix(run.output, "\n"));
  const std::string arguments =
      "<exec><--skip-git-repo-check><-c><check_for_update_on_startup=false>"
      "<-c><analytics.enabled=false><--sandbox><workspace-write><->";
  EXPECT_TRUE(Wait(id).output == arguments + Text(kLargest));
  EXPECT_TRUE(FileOf(id, "prompt.txt") == Text(kLargest));
}

TEST_F(PromptTest, F02_EveryByteCounts) {
  std::string prompt;
  for (int i = 0; i < 1024; ++i) prompt.push_back(static_cast<char>(i));
  EXPECT_EQ(OutputOf({"spawn", "--stdin=capture", "cat"}, {.input = prompt}),
            prompt);
  ProgramOptions options = WithCodex();
  options.input = prompt;
  EXPECT_THAT(OutputOf({"run"}, options), testing::EndsWith("<->" + prompt));
}

TEST_F(PromptTest, F02_ALongerOneIsRefused) {
  const std::string too_long = Text(kLargest + 1);
  const std::string file = FileWith(too_long);
  ExpectRefused({"spawn", "--stdin=capture", "--", "cat"}, "10 MiB",
                {.input = too_long});
  ExpectRefused({"run", "--tool", "sh"}, "10 MiB", {.input = too_long});
  ExpectRefused({"run", "--tool", "sh", "-"}, "10 MiB", {.input = too_long});
  ExpectRefused({"run", "--tool", "sh", "--prompt-file", file}, "10 MiB");
  ProgramOptions options = WithCodex();
  options.input = too_long;
  ExpectRefused({"run"}, "10 MiB", options);
}

TEST_F(PromptTest, F02_AllWaysToGiveOneAreTheSame) {
  const std::string script = "echo \"it's here\"";
  const std::string file = FileWith(script);
  const std::string link = scratch().PathOf("link");
  ASSERT_EQ(symlink(file.c_str(), link.c_str()), 0);
  const std::string run = "run";
  const std::string output = "it's here\n";
  EXPECT_EQ(OutputOf({run, "--tool", "sh", script}), output);
  EXPECT_EQ(OutputOf({run, "--tool", "sh", "--", script}), output);
  EXPECT_EQ(OutputOf({run, script, "--tool=sh"}), output);
  EXPECT_EQ(OutputOf({run, "--tool", "sh", "-"}, {.input = script}), output);
  EXPECT_EQ(OutputOf({run, "--tool", "sh"}, {.input = script}), output);
  EXPECT_EQ(OutputOf({run, "--tool", "sh", "--prompt-file", file}), output);
  EXPECT_EQ(OutputOf({run, "--tool", "sh", "--prompt-file", link}), output);
  EXPECT_EQ(OutputOf({run, "--tool", "sh", "--prompt-file", "/dev/stdin"},
                     {.input = script}),
            output);
  EXPECT_EQ(OutputOf({run, "--tool", "sh", "--", "--help 2>/dev/null; true"}),
            "");
}

// The pipe is gone before the command reads: it is captured before.
TEST_F(PromptTest, F02_APipeAsPromptFile) {
  const Ended run =
      RunProgram({"bash", "-c",
                  absl::StrCat(Tool("csa"), " run --tool sh --prompt-file ",
                               "<(printf 'echo %s' substituted)")},
                 InTest());
  ASSERT_EQ(run.exit_status, 0) << run.error;
  const std::string id(absl::StripSuffix(run.output, "\n"));
  EXPECT_EQ(Wait(id).output, "substituted\n");
}

TEST_F(PromptTest, F02_APromptFileMayGoAsSoonAsTheIdIsKnown) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string file =
      FileWith(absl::StrCat("read go < ", gate.path(), "; echo kept"));
  const Ended run = Csa({"run", "--tool", "sh", "--prompt-file", file});
  ASSERT_EQ(unlink(file.c_str()), 0);
  gate.Open();
  EXPECT_EQ(Wait(run.output.substr(0, 26)).output, "kept\n");
}

TEST_F(PromptTest, ATerminalIsNoPrompt) {
  const Terminal terminal;
  ExpectRefused({"run", "--tool", "sh"}, "terminal", terminal.As(STDIN_FILENO));
  const Ended run = Csa({"run", "--tool", "sh"}, terminal.As(STDIN_FILENO));
  EXPECT_THAT(run.error, HasSubstr("--prompt-file"));
  EXPECT_THAT(run.error, HasSubstr("--help"));
}

TEST_F(PromptTest, ATerminalIsReadWhenAskedFor) {
  const Terminal terminal;
  terminal.Type("echo typed\n\x04");
  EXPECT_EQ(OutputOf({"run", "--tool", "sh", "-"}, terminal.As(STDIN_FILENO)),
            "typed\n");
}

TEST_F(PromptTest, OnePromptIsEnoughAndNeeded) {
  const std::string file = FileWith("exit 0");
  ExpectRefused({"run", "--tool=sh", "x", "--prompt-file", file}, "twice");
  ExpectRefused({"run", "--tool=sh", "-", "--prompt-file", file}, "twice");
  ExpectRefused({"run", "--tool=sh", "two", "words"}, "quotes");
  for (const std::string blank : {"", " ", "\n", " \t\r\n\v\f"}) {
    ExpectRefused({"run", "--tool=sh", blank}, "empty");
    ExpectRefused({"run", "--tool=sh"}, "empty", {.input = blank});
    ExpectRefused({"run", "--tool=sh", "-"}, "empty", {.input = blank});
    ExpectRefused({"run", "--tool=sh", "--prompt-file", FileWith(blank)},
                  "empty");
  }
}

// Whoever reads it finds the prompt or nothing, never the caller's.
TEST_F(PromptTest, TheCallersStdinIsNeverTheCommands) {
  const std::vector<std::string> look = {
      "sh", "-c", "cat; echo \"<$(readlink /proc/$$/fd/0)>\""};
  const auto with = [&](std::vector<std::string> options) {
    options.insert(options.begin(), "spawn");
    options.emplace_back("--");
    options.insert(options.end(), look.begin(), look.end());
    return options;
  };
  const ProgramOptions given = {.input = "given"};
  EXPECT_EQ(OutputOf(with({}), given), "</dev/null>\n");
  EXPECT_EQ(OutputOf(with({"--stdin=null"}), given), "</dev/null>\n");
  EXPECT_EQ(OutputOf(with({"--stdin=capture", "--prompt-to=none"}), given),
            "</dev/null>\n");
  EXPECT_THAT(OutputOf(with({"--stdin=capture"}), given),
              testing::MatchesRegex("given<.*/prompt.txt>\n"));
  EXPECT_EQ(OutputOf({"run", "--tool", "sh"}, {.input = "cat; echo over"}),
            "over\n");
}

TEST_F(PromptTest, ThePathOfThePromptAsAnArgument) {
  const Ended spawn = Csa({"spawn", "--stdin=capture", "--prompt-to=argument:5",
                           "--", "sh", "-c", R"(cat "$2"; printf '<%s>' "$@")",
                           "{prompt}", "{prompt}", "here", "argument:5"},
                          {.input = "given"});
  ASSERT_EQ(spawn.exit_status, 0) << spawn.error;
  const std::string id(absl::StripSuffix(spawn.output, "\n"));
  EXPECT_EQ(Wait(id).output, absl::StrCat("given<{prompt}><", DirectoryOf(id),
                                          "/prompt.txt><argument:5>"));
  for (const char* bad : {"argument:9", "argument:", "argument:-1",
                          "argument:x", "file", "argument:7"}) {
    const Ended refused = Csa({"spawn", "--stdin=capture", "--prompt-to", bad,
                               "--", "sh", "-c", "x", "x", "x", "x", "x"},
                              {.input = "given"});
    EXPECT_EQ(refused.exit_status, 125) << bad;
    EXPECT_THAT(refused.error, HasSubstr("--prompt-to")) << bad;
  }
  EXPECT_EQ(StoreEntries().size(), 1U);
}

TEST_F(PromptTest, AnAgentGetsPromptAndModel) {
  const ProgramOptions options = WithCodex();
  const std::string fixed =
      "<exec><--skip-git-repo-check><-c><check_for_update_on_startup=false>"
      "<-c><analytics.enabled=false><--sandbox><workspace-write>";
  EXPECT_EQ(OutputOf({"run", "--model", "big one", "do it"}, options),
            fixed + "<--model><big one><->do it");
  EXPECT_EQ(OutputOf({"run", "--tool=codex", "do it"}, options),
            fixed + "<->do it");
  // Long ones too: they do not go by argument.
  const std::string text = Text(120'000);
  EXPECT_TRUE(OutputOf({"run", text}, options) == fixed + "<->" + text);
}

TEST_F(PromptTest, NoAgentIsInstalled) {
  const ProgramOptions nothing = {.environment = {{"PATH", scratch().path()}}};
  const Ended run = Csa({"run", "do it"}, nothing);
  EXPECT_EQ(run.exit_status, 127);
  EXPECT_EQ(run.output, "");
  EXPECT_THAT(run.error, HasSubstr("codex"));
  EXPECT_THAT(run.error, HasSubstr("csa run --tool sh "));
  const Ended asked = Csa({"run", "--tool", "codex", "do it"}, nothing);
  EXPECT_EQ(asked.exit_status, 127);
  EXPECT_EQ(asked.output, "");
  EXPECT_THAT(asked.error, HasSubstr("codex"));
  EXPECT_THAT(StoreEntries(), IsEmpty());
}

TEST_F(PromptTest, DaemonIsAcceptedAndHidden) {
  EXPECT_EQ(OutputOf({"run", "--daemon", "--tool", "sh", "echo x"}), "x\n");
  const std::string help = Csa({"run", "--help"}).output;
  EXPECT_THAT(help, HasSubstr("--no-daemon"));
  EXPECT_THAT(help, Not(HasSubstr(" --daemon")));
}

}  // namespace
}  // namespace csa
