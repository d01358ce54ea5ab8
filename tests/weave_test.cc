// Promise: what weave compiles is what a workflow.toml holds, always the same
// bytes; weave check tells where it is not; and whatever is wrong with a
// pattern is said with its place, however hostile it is.

#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/testing/repeat.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kHead[] = "---\nname = \"x\"\n---\n";
constexpr char kPattern[] =
    "---\nname = \"x\"\n---\n\n## IF ${A}\n\n## Step 1: Look\n\nTool: bash\n\n"
    "ls\npwd\n\n## ENDIF\n";
constexpr char kWorkflow[] =
    "[workflow]\nname = \"x\"\n\n[[workflow.variables]]\nname = \"A\"\n\n"
    "[[workflow.steps]]\nid = 1\ntitle = \"Look\"\ntool = \"bash\"\n"
    "prompt = '''\nls\npwd'''\ncondition = \"${A}\"\nblocks = [\"if 1\"]\n";

// A test in whose directory weave runs.
class WeaveTest : public CsaTest {
 protected:
  void Write(const std::string& name, absl::string_view text) const {
    const std::string path = scratch().PathOf(name);
    fs::create_directories(fs::path(path).parent_path());
    WriteFile(path, text);
  }

  std::string Read(const std::string& name) const {
    return ReadFile(scratch().PathOf(name));
  }

  bool Exists(const std::string& name) const {
    return fs::exists(scratch().PathOf(name));
  }

  Ended Weave(std::vector<std::string> arguments,
              ProgramOptions options = {}) const {
    arguments.insert(arguments.begin(), Tool("weave"));
    const std::string directory = scratch().path();
    options.prepare = [directory, before = options.prepare] {
      before();
      if (chdir(directory.c_str()) != 0) _exit(126);
    };
    return RunProgram(arguments, InTest(options));
  }

  // Expects that weave has nothing to say. Returns its output.
  std::string Good(const std::vector<std::string>& arguments) const {
    const Ended ended = Weave(arguments);
    EXPECT_EQ(ended.exit_status, 0) << absl::StrJoin(arguments, " ");
    EXPECT_EQ(ended.error, "");
    return ended.output;
  }

  // Expects that weave finds a mistake, within limits. Returns what it says.
  std::string Mistake(const std::vector<std::string>& arguments) const {
    const Ended ended = Weave(arguments, Limited());
    EXPECT_EQ(ended.exit_status, 1) << ended.signal << ended.error;
    EXPECT_EQ(ended.output, "");
    return ended.error;
  }

  // Half a minute, and memory for the largest pattern that there may be. A
  // sanitizer needs more, to begin with.
  static ProgramOptions Limited() {
    return {.prepare = [] {
      const rlimit seconds = {30, 30};
      setrlimit(RLIMIT_CPU, &seconds);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
      const rlimit bytes = {rlim_t{1} << 30, rlim_t{1} << 30};
      setrlimit(RLIMIT_AS, &bytes);
#endif
    }};
  }
};

TEST_F(WeaveTest, CompilesToStandardOutput) {
  Write("p/PATTERN.md", kPattern);
  EXPECT_EQ(Good({"compile", "p/PATTERN.md"}), kWorkflow);
  EXPECT_EQ(Good({"compile", "p/PATTERN.md", "--strict"}), kWorkflow);
  EXPECT_FALSE(Exists("p/workflow.toml"));
}

TEST_F(WeaveTest, CompilesToAFile) {
  Write("p/PATTERN.md", kPattern);
  EXPECT_EQ(Good({"compile", "p/PATTERN.md", "-o", "out.toml"}), "");
  EXPECT_EQ(Read("out.toml"), kWorkflow);
  EXPECT_EQ(Good({"compile", "--output=out.toml", "p/PATTERN.md"}), "");
  EXPECT_EQ(Read("out.toml"), kWorkflow);
  EXPECT_EQ(Good({"compile", "p/PATTERN.md", "-o", "-"}), kWorkflow);
  EXPECT_FALSE(Exists("-"));
  const Ended nowhere =
      Weave({"compile", "p/PATTERN.md", "-o", "none/out.toml"});
  EXPECT_EQ(nowhere.exit_status, 125);
  EXPECT_THAT(nowhere.error,
              AllOf(StartsWith("weave: "), HasSubstr("none/out.toml")));
}

TEST_F(WeaveTest, CompilesAll) {
  Write("p/a/PATTERN.md", kPattern);
  Write("p/b/PATTERN.md", absl::StrCat(kHead, "## INCLUDE a\n"));
  EXPECT_EQ(Good({"compile", "--all", "p"}), "");
  EXPECT_EQ(Read("p/a/workflow.toml"), kWorkflow);
  EXPECT_EQ(Read("p/b/workflow.toml"), kWorkflow);
  EXPECT_EQ(Good({"check", "p"}), "");
}

TEST_F(WeaveTest, OfAllItWritesNoneWhereOneIsWrong) {
  Write("p/a/PATTERN.md", kPattern);
  Write("p/b/PATTERN.md", absl::StrCat(kHead, "## ELSE\n"));
  Write("p/c/PATTERN.md", absl::StrCat(kHead, "## ENDIF\n"));
  EXPECT_EQ(Mistake({"compile", "--all", "p"}),
            "p/b/PATTERN.md:4:1: error: this ELSE is of no IF\n  ## ELSE\n  ^\n"
            "p/c/PATTERN.md:4:1: error: this ENDIF ends no IF\n  ## ENDIF\n"
            "  ^\n");
  EXPECT_FALSE(Exists("p/a/workflow.toml"));
}

TEST_F(WeaveTest, SaysAllThatIsWrongWithItsPlace) {
  Write("p/PATTERN.md",
        absl::StrCat(kHead,
                     "## IF ${A} = \"\xE4\xB8\x96\"\n## One\n"
                     "Timeout: soon\n\n## ELSE\n## ELSE\n## ENDIF\n"
                     "## INCLUDE none\n"));
  const std::string says = Mistake({"compile", "./p/PATTERN.md"});
  EXPECT_THAT(
      says,
      AllOf(
          StartsWith("p/PATTERN.md:4:12: error: values are compared with == "
                     "or !=\n  ## IF ${A} = \"\xE4\xB8\x96\"\n             ^\n"
                     "p/PATTERN.md:6:10: warning: Timeout is taken for text"),
          HasSubstr("\np/PATTERN.md:9:1: error: the IF of line 4 has an "
                    "ELSE already\n  ## ELSE\n  ^\n"),
          HasSubstr("\np/PATTERN.md:11:1: error: "),
          EndsWith("\n  ## INCLUDE none\n  ^\n")));
}

TEST_F(WeaveTest, WarningsAreErrorsWhenStrict) {
  Write("PATTERN.md", absl::StrCat(kHead, "## A\nTimeout: soon\n"));
  const Ended lenient = Weave({"compile", "PATTERN.md"});
  EXPECT_EQ(lenient.exit_status, 0);
  EXPECT_THAT(lenient.output, HasSubstr("prompt = \"Timeout: soon\"\n"));
  EXPECT_THAT(lenient.error, StartsWith("PATTERN.md:5:10: warning: "));
  EXPECT_THAT(Mistake({"compile", "--strict", "PATTERN.md"}),
              StartsWith("PATTERN.md:5:10: error: "));
  EXPECT_THAT(Mistake({"compile", "--all", "--strict", "."}),
              StartsWith("PATTERN.md:5:10: error: "));
  EXPECT_FALSE(Exists("workflow.toml"));
  EXPECT_THAT(Mistake({"show", "--strict", "PATTERN.md"}),
              StartsWith("PATTERN.md:5:10: error: "));
}

TEST_F(WeaveTest, F45_CheckTellsOfDrift) {
  Write("p/a/PATTERN.md", kPattern);
  Write("p/b/PATTERN.md", kPattern);
  Good({"compile", "--all", "p"});
  std::string drifted = kWorkflow;
  drifted.replace(drifted.find("pwd"), 3, "cat x");
  Write("p/b/workflow.toml", drifted);
  const Ended check = Weave({"check", "p"});
  EXPECT_EQ(check.exit_status, 1);
  EXPECT_EQ(check.output,
            "--- p/b/workflow.toml\t\n+++ p/b/workflow.toml\t(compiled)\n"
            "@@ -10,6 +10,6 @@\n tool = \"bash\"\n prompt = '''\n ls\n"
            "-cat x'''\n+pwd'''\n condition = \"${A}\"\n"
            " blocks = [\"if 1\"]\n");
  EXPECT_EQ(check.error, "run: weave compile --all p\n");
  EXPECT_EQ(Read("p/b/workflow.toml"), drifted);
  Good({"compile", "--all", "p"});
  EXPECT_EQ(Good({"check", "p"}), "");
}

TEST_F(WeaveTest, F45_CheckTellsOfFilesThatAreMissingOrNoToml) {
  Write("p/a/PATTERN.md", kPattern);
  EXPECT_THAT(Weave({"check", "p"}).output,
              HasSubstr("\n@@ -0,0 +1,15 @@\n+[workflow]\n"));
  Write("p/a/workflow.toml", absl::StrCat(kWorkflow, "]"));
  const Ended check = Weave({"check", "p"});
  EXPECT_EQ(check.exit_status, 1);
  EXPECT_THAT(check.output, HasSubstr("\n-]\n\\ No newline at end of file\n"));
  Write("p/a/PATTERN.md", absl::StrCat(kHead, "## IF\n"));
  EXPECT_THAT(Mistake({"check", "p"}), StartsWith("p/a/PATTERN.md:4:6: error"));
}

// As patch applies it.
TEST_F(WeaveTest, F45_TheDiffIsOneThatPatchAccepts) {
  Write("my patterns/a/PATTERN.md", kPattern);
  for (const std::string& before :
       {std::string(kWorkflow).substr(10), absl::StrCat(kWorkflow, "x"),
        std::string("y\n"), Repeat("z\n", 100)}) {
    Write("my patterns/a/workflow.toml", before);
    const std::string diff = Weave({"check", "my patterns"}).output;
    const Ended patch = RunProgram(
        {"patch", "-d", scratch().path(), "-p0", "--posix"}, {.input = diff});
    if (patch.exit_status == 127) GTEST_SKIP() << "there is no patch here";
    EXPECT_EQ(patch.exit_status, 0) << patch.output << patch.error << diff;
    EXPECT_EQ(Read("my patterns/a/workflow.toml"), kWorkflow);
  }
}

TEST_F(WeaveTest, ShowsPatternsAndWorkflows) {
  Write("p/PATTERN.md", kPattern);
  Write("p/workflow.toml", kWorkflow);
  const std::map<std::string, std::string> starts = {
      {"text", "x\n  IF ${A}\n     1  bash  Look\n"},
      {"json", R"({"name":"x",)"},
      {"dot", "digraph \"x\" {\n"},
      {"mermaid", "flowchart TD\n"}};
  for (const auto& [format, start] : starts) {
    const std::string shown =
        Good({"show", "--format", format, "p/PATTERN.md"});
    EXPECT_THAT(shown, StartsWith(start));
    EXPECT_EQ(Good({"show", "--format", format, "p/workflow.toml"}), shown);
  }
  EXPECT_EQ(Good({"show", "p/PATTERN.md"}), starts.at("text"));
  EXPECT_EQ(nlohmann::json::parse(
                Good({"show", "--json", "p/workflow.toml"}))["steps"]
                .size(),
            1);
}

TEST_F(WeaveTest, ShowsFilesOfTheOlderCsa) {
  Write("old.toml",
        "[plan]\nname = \"old\"\n[[plan.steps]]\nid = 1\ntitle = \"One\"\n"
        "tool = \"bash\"\ncondition = \"(${A}) && (!(${B}))\"\n"
        "[plan.steps.on_fail]\nretry = 3\n");
  EXPECT_EQ(
      Good({"show", "old.toml"}),
      "old\n  IF ${A} && !${B}\n     1  bash  One (on failure retry 3)\n");
  Write("old.toml", "[plan]\nname = \"old\"\n[[plan.steps]]\nid = 2\n");
  const Ended wrong = Weave({"show", "old.toml"});
  EXPECT_EQ(wrong.exit_status, 125);
  EXPECT_THAT(wrong.error, StartsWith("weave: old.toml: line 4: the id of this "
                                      "step must be 1"));
}

TEST_F(WeaveTest, SaysWhatCannotBeRead) {
  fs::create_directory(scratch().PathOf("empty"));
  ASSERT_EQ(mkfifo(scratch().PathOf("fifo.md").c_str(), 0600), 0);
  const std::vector<std::vector<std::string>> table = {
      {"compile", "none.md"}, {"compile", "empty"},
      {"compile", "fifo.md"}, {"compile", "--all", "x"},
      {"check", "empty"},     {"check", "none"},
      {"show", "none.toml"},  {"compile", "/dev/zero"}};
  for (const std::vector<std::string>& arguments : table) {
    const Ended ended = Weave(arguments, Limited());
    EXPECT_EQ(ended.exit_status, 125) << absl::StrJoin(arguments, " ");
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.error, StartsWith("weave: "));
  }
}

TEST_F(WeaveTest, IsToldWhatToDo) {
  Write("PATTERN.md", kPattern);
  const std::vector<std::vector<std::string>> table = {
      {},
      {"compile"},
      {"draw", "PATTERN.md"},
      {"compile", "PATTERN.md", "x"},
      {"show", "--format", "svg", "PATTERN.md"},
      {"compile", "--strickt", "PATTERN.md"},
      {"compile", "--all", ".", "-o", "out.toml"},
      {"check", "--all", "."},
      {"compile", "--json", "PATTERN.md"},
      {"check", "--format", "dot", "."},
      {"show", "PATTERN.md", "-o", "out.toml"}};
  for (const std::vector<std::string>& arguments : table) {
    const Ended ended = Weave(arguments);
    EXPECT_EQ(ended.exit_status, 125) << absl::StrJoin(arguments, " ");
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.error, StartsWith("weave: "));
  }
  EXPECT_FALSE(Exists("workflow.toml"));
}

TEST_F(WeaveTest, HostilePatternsAreSoonRefused) {
  const std::map<std::string, std::string> table = {
      {":4:6: error: the condition is empty", Repeat("## IF\n", 174'000)},
      {":68:1: error: no more than 64 of IF",
       absl::StrCat(Repeat("## IF ${A}\n", 10'000), "## x\n",
                    Repeat("## ENDIF\n", 10'000))},
      {":4:5: error: a NUL cannot stand",
       absl::StrCat("## x", std::string(900'000, '\0'))},
      {":5:1: error: this block of code does not end",
       absl::StrCat("## x\n```\n", Repeat("## y\n", 100'000))},
      {":4:71: error: this is open within 64 other",
       absl::StrCat("## IF ", std::string(1'000'000, '('))},
      {":4:1: error: a pattern cannot include itself: p/PATTERN.md includes "
       "p/PATTERN.md",
       "## INCLUDE p"},
      {":4:1: error: ", absl::StrCat("## INCLUDE ", Repeat("a", 1'000'000))},
  };
  for (const auto& [says, text] : table) {
    Write("p/PATTERN.md", absl::StrCat(kHead, text));
    const std::string error = Mistake({"compile", "p/PATTERN.md"});
    EXPECT_THAT(error.substr(0, 1000),
                AllOf(HasSubstr(absl::StrCat("p/PATTERN.md", says))));
    EXPECT_LT(error.size(), 100'000) << says;
  }
  Write("p/PATTERN.md",
        absl::StrCat(kHead, Repeat("## IF ${A}\n", 64),
                     Repeat("## a\n", 100'000), Repeat("## ENDIF\n", 64)));
  EXPECT_THAT(Mistake({"compile", "p/PATTERN.md"}),
              HasSubstr(":1: error: the workflow is too large"));
  Write("p/PATTERN.md", Repeat("#", size_t{1} << 20) + "#");
  EXPECT_THAT(Mistake({"compile", "p/PATTERN.md"}),
              StartsWith("p/PATTERN.md:1:1: error: the file is longer than"));
}

// The most that a pattern of the greatest size can ask for.
TEST_F(WeaveTest, LongPatternsAreCompiledWithinLimits) {
  Write("p/PATTERN.md",
        absl::StrCat(
            kHead, Repeat("## a\nTool: csa\n\n${A} ${STEP_1_EXIT}\n", 10'000)));
  const Ended ended = Weave({"compile", "p/PATTERN.md"}, Limited());
  EXPECT_EQ(ended.exit_status, 0) << ended.error.substr(0, 1000);
  EXPECT_THAT(ended.output, HasSubstr("\nid = 10000\n"));
  Write("p/PATTERN.md", absl::StrCat(kHead, Repeat("## a\n", 100'000)));
  EXPECT_THAT(Weave({"compile", "p/PATTERN.md"}, Limited()).output,
              HasSubstr("\nid = 100000\n"));
}

TEST_F(WeaveTest, HostileIncludesAreSoonRefused) {
  for (int i = 0; i < 20; ++i) {
    const std::string next = absl::StrCat("## INCLUDE p", i + 1, "\n");
    Write(absl::StrCat("p", i, "/PATTERN.md"), absl::StrCat(kHead, next, next));
  }
  Write("p20/PATTERN.md", absl::StrCat(kHead, "## x\n"));
  EXPECT_THAT(Mistake({"compile", "p0/PATTERN.md"}),
              HasSubstr("error: more than 1000 patterns would be included\n"));
  for (int i = 0; i < 20; ++i) {
    Write(absl::StrCat("p", i, "/PATTERN.md"),
          absl::StrCat(kHead, "## INCLUDE p", i + 1, "\n",
                       Repeat("## y\n", 150'000)));
  }
  EXPECT_THAT(Mistake({"compile", "p0/PATTERN.md"}),
              HasSubstr("error: the workflow is too large"));
}

}  // namespace
}  // namespace csa
