#include "tests/pattern_test.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

// The value of an environment variable, "" where there is none.
std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

namespace fs = std::filesystem;
using Json = nlohmann::json;

// What stands for an agent, or for gh. Which rule holds is told by {key}. Each
// call has a directory of its own, which nobody else can make.
constexpr char kStub[] = R"sh(input=$(cat)
key={key}
# A conversation with codex has an id.
case "${0##*/}" in
  codex) echo 'session id: 00000000-0000-4000-8000-000000000001' >&2 ;;
esac
for rule in '{rules}'/*; do
  case "$key" in
    *"$(cat "$rule/text")"*) ;;
    *) continue ;;
  esac
  n=1
  while ! mkdir "$rule/call$n" 2> '{rules}.error'; do n=$((n + 1)); done
  printf '%s\n' "$input" > "$rule/call$n/input"
  printf '%s\n' "${0##*/} $*" > "$rule/call$n/arguments"
  all=$*
  printf '%s%s' "${all%% --jq *}" "${input:+ << $input}" | tr '\n' ' ' \
    >> '{rules}.log'
  echo >> '{rules}.log'
  while [ ! -e "$rule/$n" ]; do n=$((n - 1)); done
  . "$rule/$n"
  exit
done
echo "nothing is laid down for: $key" >&2
exit 99)sh";

bool HasRun(const Json& event) {
  return event.at("event") == "step_ended" && event.at("outcome") != "left_out";
}

}  // namespace

PatternTest::PatternTest() : tools_(fs::path(Tool("csa")).parent_path()) {
  for (const char* name :
       {"tmp", "project", "rules", "rules/agent", "rules/gh"}) {
    fs::create_directory(scratch().PathOf(name));
  }
  InstallStub("codex", "agent", "$input");
  InstallStub("claude", "agent", "$input");
  InstallStub("gh", "gh", "$*");
  const std::string origin = scratch().PathOf("origin.git");
  Git({"init", "--quiet", "--bare", "--initial-branch=main", origin}, "");
  Git({"init", "--quiet", "--initial-branch=main"});
  Git({"config", "user.name", "somebody"});
  Git({"config", "user.email", "somebody@example.org"});
  Git({"remote", "add", "origin", origin});
  Write("a.txt", "one\n");
  CommitAll("Add a");
  Git({"push", "--quiet", "origin", "main"});
  Git({"remote", "set-head", "origin", "main"});
}

PatternTest::~PatternTest() {
  for (const auto& entry : fs::directory_iterator(scratch().PathOf("tmp"))) {
    // As mktemp names them.
    if (absl::StartsWith(entry.path().filename().string(), "tmp.")) {
      ADD_FAILURE() << entry.path() << " was left behind";
    }
  }
}

void PatternTest::InstallStub(const std::string& name, const std::string& kind,
                              const std::string& key) const {
  Install(name, absl::StrReplaceAll(
                    kStub, {{"{key}", key},
                            {"{rules}", scratch().PathOf("rules/" + kind)}}));
}

void PatternTest::LayDown(const std::string& kind, const std::string& text,
                          const std::vector<std::string>& scripts) {
  // The last is to come first.
  const std::string rule =
      scratch().PathOf(absl::StrCat("rules/", kind, "/", 999 - rule_++));
  fs::create_directory(rule);
  WriteFile(rule + "/text", text);
  for (size_t i = 0; i < scripts.size(); ++i) {
    WriteFile(absl::StrCat(rule, "/", i + 1), scripts[i] + "\n");
  }
  rules_[text] = rule;
}

void PatternTest::OnPrompt(const std::string& text,
                           const std::vector<std::string>& scripts) {
  LayDown("agent", text, scripts);
}

void PatternTest::OnGh(const std::string& text,
                       const std::vector<std::string>& scripts) {
  LayDown("gh", text, scripts);
}

std::string PatternTest::Say(const std::string& text) {
  return absl::StrCat("cat << 'END OF IT'\n", text, "\nEND OF IT");
}

int PatternTest::Asked(const std::string& text) const {
  int calls = 0;
  while (fs::exists(absl::StrCat(rules_.at(text), "/call", calls + 1))) {
    ++calls;
  }
  return calls;
}

std::string PatternTest::OfCall(const std::string& text, int n,
                                const std::string& file) const {
  return ReadFile(absl::StrCat(rules_.at(text), "/call", n, "/", file));
}

std::string PatternTest::Prompt(const std::string& text, int n) const {
  return OfCall(text, n, "input");
}

std::string PatternTest::CommandLine(const std::string& text, int n) const {
  return OfCall(text, n, "arguments");
}

std::vector<std::string> PatternTest::GhCalls() const {
  if (!fs::exists(scratch().PathOf("rules/gh.log"))) return {};
  return absl::StrSplit(ReadFile(scratch().PathOf("rules/gh.log")), '\n',
                        absl::SkipEmpty());
}

void PatternTest::UseAgents(const ProgramOptions& agents) {
  for (const char* stub : {"codex", "claude"}) {
    fs::remove(scratch().PathOf(absl::StrCat("bin/", stub)));
  }
  options_ = agents;
}

ProgramOptions PatternTest::InProjectOptions() const {
  ProgramOptions options = options_;
  auto& environment = options.environment;
  std::string& path = environment["PATH"];
  path = absl::StrCat(scratch().PathOf("bin"), ":", tools_, ":",
                      path.empty() ? Variable("PATH") : path);
  environment["CSA_TOOL"] = "";
  environment["TMPDIR"] = scratch().PathOf("tmp");
  environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
  environment["GIT_CONFIG_NOSYSTEM"] = "1";
  return options;
}

std::string PatternTest::Start(
    const std::string& name, const std::vector<std::string>& variables) const {
  std::vector<std::string> argv = {
      tools_ + "/csa",
      "--cd",
      InProject(""),
      "plan",
      "run",
      fs::absolute(absl::StrCat("patterns/", name, "/workflow.toml"))};
  for (const std::string& variable : variables) {
    argv.push_back("--var=" + variable);
  }
  return IdOf(RunProgram(argv, InTest(InProjectOptions())));
}

PatternTest::Outcome PatternTest::Finish(const std::string& plan) const {
  const int exit_status = Wait(plan).exit_status;
  Outcome outcome = {.id = plan,
                     .log = absl::StrCat("\n", FileOf(plan, "stderr.log"))};
  for (const Json& event : EventsOf(plan)) {
    if (!HasRun(event)) continue;
    absl::StrAppend(&outcome.end, event.at("step").get<int>(), " ");
    if (event.at("outcome") == "done" || !event.at("session_id").is_string()) {
      continue;
    }
    absl::StrAppend(&outcome.log, FileOf(event.at("session_id"), "stdout.log"),
                    FileOf(event.at("session_id"), "stderr.log"));
  }
  absl::StrAppend(&outcome.end, "-> ", exit_status);
  return outcome;
}

PatternTest::Outcome PatternTest::RunPattern(
    const std::string& name, const std::vector<std::string>& variables) const {
  return Finish(Start(name, variables));
}

std::string PatternTest::SessionOf(const std::string& plan, int step) const {
  std::string session;
  for (const Json& event : EventsOf(plan)) {
    if (HasRun(event) && event.at("step") == step) {
      session = event.at("session_id").get<std::string>();
    }
  }
  return session;
}

std::string PatternTest::OutputOf(const Outcome& outcome, int step) const {
  return FileOf(SessionOf(outcome.id, step), "stdout.log");
}

std::string PatternTest::ErrorOf(const Outcome& outcome, int step) const {
  return FileOf(SessionOf(outcome.id, step), "stderr.log");
}

std::string PatternTest::Git(const std::vector<std::string>& arguments,
                             const std::string& directory) const {
  std::vector<std::string> argv = {"git", "-C", scratch().PathOf(directory)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const Ended ended = RunProgram(argv, InTest(InProjectOptions()));
  EXPECT_EQ(ended.exit_status, 0) << arguments[0] << ": " << ended.error;
  return std::string(absl::StripSuffix(ended.output, "\n"));
}

void PatternTest::Shell(const std::string& script) const {
  const Ended ended = RunProgram(
      {"sh", "-ec", absl::StrCat("cd ", InProject(""), "\n", script)},
      InTest(InProjectOptions()));
  EXPECT_EQ(ended.exit_status, 0) << script << ended.output << ended.error;
}

void PatternTest::CommitAll(const std::string& message) const {
  Git({"add", "--all"});
  Git({"commit", "--quiet", "--message", message});
}

void PatternTest::StartBranch() const {
  Git({"switch", "--quiet", "--create", "feature"});
  Write("feature.txt", "new\n");
  CommitAll("Add the feature");
}

std::string PatternTest::State() const {
  const std::string changes =
      Git({"status", "--porcelain", "--untracked-files=all"});
  return absl::StrCat(
      Git({"for-each-ref"}), "\n", Git({"for-each-ref"}, "origin.git"), "\n",
      Git({"rev-parse", "--symbolic-full-name", "HEAD"}), "\n",
      Git({"rev-parse", "HEAD"}), "\n", Git({"diff"}), "\n",
      Git({"diff", "--cached"}), "\n", changes, changes.empty() ? "" : "\n");
}

std::string PatternTest::FilesOfCommit() const {
  return Git({"show", "--format=", "--name-status"});
}

std::string PatternTest::InProject(const std::string& name) const {
  return scratch().PathOf("project/" + name);
}

std::string PatternTest::ReadInProject(const std::string& name) const {
  return ReadFile(InProject(name));
}

bool PatternTest::IsInProject(const std::string& name) const {
  return fs::exists(InProject(name));
}

void PatternTest::Write(const std::string& name,
                        const std::string& text) const {
  const std::string path = InProject(name);
  fs::create_directories(fs::path(path).parent_path());
  WriteFile(path, text);
}

}  // namespace csa
