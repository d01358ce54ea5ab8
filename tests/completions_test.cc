// Promise: bash, zsh and fish complete a command line of csa by what its tools
// say of themselves, and by the sessions that there are.

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAreArray;

using Words = std::vector<std::string>;

// What a shell does at its start: bash, then zsh. Control-T puts all that is
// offered into the line, Control-] writes the line to a file and clears it.
// What zsh finds in its function path lasts for all tests.
constexpr char kBashStart[] = R"(
source completions/csa.bash
bind '"\C-t": insert-completions'
take() { printf '%s\n' "$READLINE_LINE" >>"$LINES_FILE"; READLINE_LINE=; }
bind -x '"\C-]": take'
)";
constexpr char kZshStart[] = R"(
fpath=($PWD/completions $fpath)
autoload -Uz compinit
compinit -u -C -d "$TEST_TMPDIR/zcompdump"
zstyle ':completion:all:*' completer _all_matches _complete
zstyle ':completion:all:*' insert yes
zle -C all complete-word _generic
bindkey '^T' all
take() { print -r -- "$BUFFER" >>$LINES_FILE; BUFFER= }
zle -N take
bindkey '^]' take
bindkey '^G' list-choices
)";

// Prints each of its arguments, and below it what is offered there.
constexpr char kFish[] =
    "for line in $argv; echo \"> $line\"; complete -C $line; end";

// The words of a line, as a shell takes them that knows no quotes but "\".
Words SplitWords(absl::string_view line) {
  Words words(1);
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') {
      words.emplace_back();
    } else {
      if (line[i] == '\\' && i + 1 < line.size()) ++i;
      words.back() += line[i];
    }
  }
  return words;
}

// The names that begin the lines of a --help: "--all" and "--number" (of "  -n,
// --number N"), or where `options` is false those of commands.
Words NamesIn(const std::string& help, bool options) {
  Words names;
  for (absl::string_view line : absl::StrSplit(help, '\n')) {
    if (!absl::ConsumePrefix(&line, "  ")) continue;
    if (line.substr(0, 1) == "-" && line.substr(2, 2) == ", ") {
      line.remove_prefix(4);
    }
    if (absl::StartsWith(line, "-") != options) continue;
    names.emplace_back(line.substr(0, line.find_first_of(" [")));
  }
  return names;
}

std::string ShortOf(const std::string& id) { return id.substr(18); }

// The parameter is the shell.
class CompletionsTest : public CsaTest,
                        public testing::WithParamInterface<std::string> {
 protected:
  // Makes a csa that notes its calls, and installs the completions for fish
  // where dev/install does by itself.
  CompletionsTest() {
    std::filesystem::create_directories(scratch().PathOf("bin"));
    Put("csa", absl::StrCat("echo \"$*\" >>", scratch().PathOf("calls"),
                            "\nexec ", Tool("csa"), " \"$@\"\n"));
    const std::string fish =
        scratch().PathOf(".local/share/fish/vendor_completions.d");
    std::filesystem::create_directories(fish);
    std::filesystem::copy("completions/csa.fish", fish);
    WriteFile(scratch().PathOf("bashrc"), kBashStart);
    WriteFile(scratch().PathOf(".zshrc"), kZshStart);
  }

  // Puts a shell script on PATH.
  void Put(const std::string& name, const std::string& script) const {
    const std::string path = scratch().PathOf("bin/" + name);
    WriteFile(path, absl::StrCat("#!/bin/sh\n", script));
    EXPECT_EQ(chmod(path.c_str(), 0700), 0);
  }

  // Lets the shell complete each of `lines` at its end, and returns what it
  // wrote on its terminal.
  std::string Type(const Words& lines) const {
    ProgramOptions options;
    options.environment = {
        {"HOME", scratch().path()},
        {"LINES_FILE", scratch().PathOf("lines")},
        {"PATH", absl::StrCat(scratch().PathOf("bin"), ":/usr/bin:/bin")},
        {"TERM", "xterm"},
        {"XDG_CONFIG_HOME", ""},
        {"XDG_DATA_HOME", ""},
        {"ZDOTDIR", scratch().path()}};
    if (GetParam() == "fish") {
      Words argv = {"fish", "--command", kFish};
      argv.insert(argv.end(), lines.begin(), lines.end());
      const Ended fish = RunProgram(argv, InTest(options));
      WriteFile(scratch().PathOf("lines"), fish.output);
      return fish.error;
    }
    options.input =
        absl::StrCat(absl::StrJoin(lines, "\x14\x1d"), "\x14\x1d", "exit\n");
    // What a terminal holds that nobody reads yet.
    EXPECT_LT(options.input.size(), 4096U);
    const std::string shell =
        GetParam() == "zsh" ? "zsh -d -i"
                            : absl::StrCat("bash --noprofile --rcfile ",
                                           scratch().PathOf("bashrc"), " -i");
    return RunProgram({"script", "--quiet", "--command", shell, "/dev/null"},
                      InTest(options))
        .output;
  }

  // What is offered in the place of the last word of each of `lines`.
  std::vector<Words> Offered(const Words& lines) const {
    std::filesystem::remove(scratch().PathOf("lines"));
    const std::string terminal = Type(lines);
    const std::string text = ReadFile(scratch().PathOf("lines"));
    std::vector<Words> offered;
    for (absl::string_view line :
         absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
      if (GetParam() != "fish") {
        offered.push_back(Inserted(lines[offered.size()], line));
      } else if (absl::ConsumePrefix(&line, "> ")) {
        offered.emplace_back();
      } else {
        offered.back().emplace_back(line.substr(0, line.find('\t')));
      }
      if (offered.size() > lines.size()) break;
    }
    EXPECT_EQ(offered.size(), lines.size()) << terminal << text;
    offered.resize(lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      Tidy(SplitWords(lines[i]).back(), offered[i]);
    }
    return offered;
  }

  Words OfferedAt(const std::string& line) const { return Offered({line})[0]; }

  // A line, and what is offered at its end.
  using Expected = std::pair<std::string, Words>;
  void ExpectOffered(const std::vector<Expected>& expected) const {
    Words lines;
    for (const auto& [line, words] : expected) lines.push_back(line);
    const std::vector<Words> offered = Offered(lines);
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_THAT(offered[i], UnorderedElementsAreArray(expected[i].second))
          << expected[i].first;
    }
  }

 private:
  // What has taken the place of the last word of `before`.
  static Words Inserted(const std::string& before, absl::string_view after) {
    after = absl::StripTrailingAsciiWhitespace(after);
    if (after == absl::StripTrailingAsciiWhitespace(before)) return {};
    Words words = SplitWords(after);
    const size_t kept = SplitWords(before).size() - 1;
    words.erase(words.begin(), words.begin() + static_cast<ptrdiff_t>(std::min(
                                                   kept, words.size())));
    return words;
  }

  // Takes from `words` what one shell writes and another does not: the option
  // before a "=", where the word that was completed has one, the quote that it
  // begins with, and the slash of a directory.
  static void Tidy(const std::string& completed, Words& words) {
    const std::string option = completed.substr(0, completed.find('=') + 1);
    for (std::string& word : words) {
      absl::string_view left = word;
      absl::ConsumePrefix(&left, option);
      absl::ConsumePrefix(&left, "\"");
      absl::ConsumeSuffix(&left, "/");
      word = std::string(left);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(, CompletionsTest,
                         testing::Values("bash", "zsh", "fish"),
                         [](const auto& shell) { return shell.param; });

TEST_P(CompletionsTest, OfCommands) {
  const Words commands = NamesIn(Csa({"--help"}).output, false);
  ASSERT_THAT(commands, Contains("wait"));
  Words all = commands;
  all.insert(all.end(), {"help", "session"});
  ExpectOffered({{"csa ", all},
                 {"csa wa", {"wait"}},
                 {"csa session ", commands},
                 {"csa session k", {"kill"}},
                 {"csa help ", commands},
                 {"csa help at", {"attach"}},
                 {"csa --format json wa", {"wait"}},
                 {"csa --cd=/ --format=json wa", {"wait"}},
                 {"csa --cd 'a b' session wa", {"wait"}},
                 {"csa xyz", {}},
                 {"csa xyz ", {}},
                 {"csa help wait ", {}}});
}

TEST_P(CompletionsTest, OfTheOptionsOfEachCommand) {
  std::vector<Expected> expected = {
      {"csa --", NamesIn(Csa({"--help"}).output, true)}};
  for (const std::string& command : NamesIn(Csa({"--help"}).output, false)) {
    const Words options = NamesIn(Csa({command, "--help"}).output, true);
    EXPECT_THAT(options, Contains("--version"));
    expected.emplace_back(absl::StrCat("csa ", command, " --"), options);
  }
  ExpectOffered(expected);
}

TEST_P(CompletionsTest, OfOptionsWhereTheyMayStand) {
  ExpectOffered({{"csa session list --nu", {"--number"}},
                 {"csa --format json list --nu", {"--number"}},
                 {"csa list -n 5 --al", {"--all"}},
                 {"csa list --tool --nu", {}},
                 {"csa list -- --nu", {}},
                 {"csa wait ID --qui", {"--quiet"}},
                 {"csa spawn --timeout 5 --idle", {"--idle-timeout"}},
                 {"csa spawn true --idle", {}}});
}

TEST_P(CompletionsTest, OfValues) {
  const Words states = OfferedAt("csa list --state ");
  EXPECT_EQ(states.size(), 10U);
  for (const std::string& state : states) {
    EXPECT_EQ(Csa({"list", "--state", state}).exit_status, 0) << state;
  }
  ExpectOffered({{"csa --format ", {"text", "json"}},
                 {"csa list --format ", {"text", "json"}},
                 {"csa list --format=", {"text", "json"}},
                 {"csa wait --format=js", {"json"}},
                 {"csa list --state=run", {"running"}},
                 {"csa spawn --stdin ", {"null", "capture"}},
                 {"csa config ", {"show"}},
                 {"csa config sh", {"show"}},
                 {"csa list -n ", {}},
                 {"csa list --tool ", {}},
                 {"csa gc --format json ", {}}});
}

TEST_P(CompletionsTest, OfSessions) {
  const std::string running = Spawn({"--", "sleep", "1000"});
  const std::string ended = Spawn({"--", "true"});
  EXPECT_EQ(Wait(ended).exit_status, 0);
  const Words live = {ShortOf(running)};
  const std::string begun = absl::AsciiStrToLower(live[0].substr(0, 4));
  ExpectOffered({{"csa wait ", live},
                 {"csa kill ", live},
                 {"csa attach --session ", live},
                 {"csa wait --session=", live},
                 {"csa --format json session kill ", live},
                 {"csa --cd 'a b' wait --tail 5 ", live},
                 {"csa --cd=/a:b@c wait ", live},
                 {absl::StrCat("csa wait -- ", begun), live},
                 {absl::StrCat("csa wait --session ", begun), live},
                 {absl::StrCat("csa wait ", running), {}},
                 {"csa help wait ", {}}});
  // fish looks for the word within what it offers. The others leave it alone.
  EXPECT_THAT(OfferedAt(absl::StrCat("csa wait ", live[0].substr(4))),
              Each(live[0]));
}

// A command is known by what it says of itself.
TEST_P(CompletionsTest, OfSessionsForACommandThatIsNotKnownHere) {
  Put("csa-look",
      "echo 'Usage: csa-look [OPTION]... [--session] ID...\n"
      "Looks.\n\nOptions:\n  -s, --session ID            which'");
  const Words both = {ShortOf(Spawn({"--", "sleep", "1000"})),
                      ShortOf(Spawn({"--", "sleep", "1000"}))};
  ExpectOffered({{"csa look ", both},
                 {"csa look -s ", both},
                 {"csa look --session=", both},
                 {"csa look --", {"--session"}}});
}

TEST_P(CompletionsTest, OfNoSessions) {
  ExpectOffered({{"csa wait ", {}}, {"csa kill --session ", {}}});
}

TEST_P(CompletionsTest, OfFilesAndDirectories) {
  const std::string in = scratch().PathOf("files/");
  std::filesystem::create_directories(in + "one two");
  std::filesystem::create_directories(in + "plain");
  WriteFile(in + "prompt", "");
  const Words directories = {in + "one two", in + "plain"};
  const Words all = {in + "one two", in + "plain", in + "prompt"};
  ExpectOffered({{"csa --cd " + in, directories},
                 {"csa run --cd " + in, directories},
                 {"csa run --cd=" + in, directories},
                 {"csa run --cd \"" + in + "pl", {in + "plain"}},
                 {"csa run --cd " + in + "one\\ t", {in + "one two"}},
                 {"csa list --project=" + in, directories},
                 {"csa list --project --nu", {"--number"}},
                 {"csa run --prompt-file " + in, all},
                 {"csa run " + in, all},
                 {"csa spawn --label a=b@c:d -- cat " + in, all},
                 {"csa list " + in, {}}});
}

TEST_P(CompletionsTest, OfTheCommandThatIsToBeASession) {
  Put("csa-odd", "");
  ExpectOffered({{"csa spawn csa-o", {"csa-odd"}},
                 {"csa spawn --env A=B -- csa-o", {"csa-odd"}},
                 {"csa spawn --stdin capture csa-o", {"csa-odd"}}});
}

TEST_P(CompletionsTest, TakeTwoCallsAtMost) {
  OfferedAt("csa ");
  EXPECT_EQ(ReadFile(scratch().PathOf("calls")), "--help\n");
  std::filesystem::remove(scratch().PathOf("calls"));
  OfferedAt("csa --format json kill ");
  EXPECT_EQ(ReadFile(scratch().PathOf("calls")),
            "kill --help\nlist --all --state running\n");
}

TEST_P(CompletionsTest, AreSilentWhereCsaIsNotOrFails) {
  // fish would not read them by itself for a command that there is not.
  std::filesystem::create_directories(scratch().PathOf(".config/fish"));
  WriteFile(scratch().PathOf(".config/fish/config.fish"),
            "source completions/csa.fish");
  const Words lines = {"csa ", "csa wa", "csa wait ", "csa run --"};
  Put("csa", "echo broken >&2\nexit 125\n");
  EXPECT_EQ(Offered(lines), std::vector<Words>(lines.size()));
  const std::string failing = Type(lines);
  std::filesystem::remove(scratch().PathOf("bin/csa"));
  EXPECT_EQ(Offered(lines), std::vector<Words>(lines.size()));
  EXPECT_THAT(failing + Type(lines),
              Not(ContainsRegex("broken|found|[Uu]nknown|[Ee]rror")));
}

// bash shows none.
class DescriptionsTest : public CompletionsTest {};

INSTANTIATE_TEST_SUITE_P(, DescriptionsTest, testing::Values("zsh", "fish"),
                         [](const auto& shell) { return shell.param; });

TEST_P(DescriptionsTest, AreShown) {
  Spawn({"--cd", "/", "--description", "mend: \"it\"", "--", "sleep", "1000"});
  const std::string show = GetParam() == "zsh" ? "\x07" : "";
  std::string shown;
  for (const char* line : {"csa ", "csa list --", "csa kill "}) {
    shown += Type({line + show});
    shown += ReadFile(scratch().PathOf("lines"));
  }
  EXPECT_THAT(shown,
              AllOf(HasSubstr("wait for sessions, and print how they ended"),
                    HasSubstr("list the newest N"), HasSubstr("running "),
                    HasSubstr("mend: \"it\"")));
}

}  // namespace
}  // namespace csa
