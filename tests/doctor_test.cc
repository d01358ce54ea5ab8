// Promise: csa doctor says whether csa works here, changes nothing, and leaves
// nothing of what it has started.

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/os/pid_fd.h"
#include "common/testing/private_mount.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

using Json = nlohmann::json;

// What csa doctor found, by the names of the checks.
struct Found {
  int exit_status;
  std::map<std::string, Json> checks;

  std::string Result(const std::string& check) const {
    return At(check, "result");
  }
  std::string Text(const std::string& check) const {
    return At(check, "found");
  }

 private:
  std::string At(const std::string& check, const std::string& key) const {
    const auto found = checks.find(check);
    return found == checks.end() ? "no such check"
                                 : found->second.value(key, "");
  }
};

class DoctorTest : public CsaTest {
 protected:
  DoctorTest() {
    fs::create_directory(scratch().PathOf("bin"));
    options_.environment["PATH"] =
        absl::StrCat(scratch().PathOf("bin"), ":/usr/bin:/bin");
  }

  // Puts an agent on PATH that runs `script` for whatever it is asked.
  void MakeCodex(const std::string& script, mode_t mode = 0700) const {
    const std::string path = scratch().PathOf("bin/codex");
    WriteFile(path, absl::StrCat("#!/bin/sh\n", script, "\n"));
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
  }

  static Found Parse(const Ended& ended) {
    Found found = {.exit_status = ended.exit_status};
    EXPECT_EQ(ended.error, "");
    const std::vector<std::string> lines =
        absl::StrSplit(ended.output, '\n', absl::SkipEmpty());
    for (const std::string& line : lines) {
      Json json = Json::parse(line, nullptr, false);
      EXPECT_TRUE(json.is_object()) << line;
      EXPECT_EQ(json.size(), 4U) << line;
      EXPECT_EQ(json["result"] == "ok", json["advice"].is_null()) << line;
      found.checks[json.value("check", "")] = json;
    }
    return found;
  }

  Found Doctor() const {
    return Parse(Csa({"doctor", "--format=json"}, options_));
  }

  Found DoctorWith(const std::map<std::string, std::string>& variables) const {
    ProgramOptions options = options_;
    for (const auto& [name, value] : variables) {
      options.environment[name] = value;
    }
    return Parse(Csa({"doctor", "--format=json"}, options));
  }

  ProgramOptions options_;
  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

TEST_F(DoctorTest, PrintsALineForEachCheckAndMakesNothing) {
  MakeCodex("echo codex-cli 1.2.3");
  const Ended text = Csa({"doctor"}, options_);
  EXPECT_EQ(text.exit_status, 0) << text.output;
  EXPECT_EQ(text.error, "");
  const std::vector<std::string> lines =
      absl::StrSplit(text.output, '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    EXPECT_THAT(line, AnyOf(MatchesRegex("ok       [a-z0-9_]+ +[^ ].*"),
                            MatchesRegex("warning  [a-z0-9_]+ +[^ ].*; .*")));
  }
  EXPECT_THAT(text.output, HasSubstr("\nok       agent_codex        codex-cli "
                                     "1.2.3 ("));
  const Found found = Doctor();
  EXPECT_EQ(found.exit_status, 0);
  EXPECT_EQ(found.checks.size(), lines.size());
  EXPECT_EQ(found.Result("state_directory"), "ok");
  EXPECT_EQ(
      found.Text("agent_codex"),
      absl::StrCat("codex-cli 1.2.3 (", scratch().PathOf("bin/codex"), ")"));
  EXPECT_FALSE(fs::exists(scratch().PathOf("state")));
  EXPECT_EQ(Csa({"doctor", "operand"}).exit_status, 125);
}

TEST_F(DoctorTest, CountsSessions) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string running = Run(absl::StrCat("read go < ", gate.path()));
  const std::string finished = Run("exit 3");
  Wait(finished);
  EXPECT_EQ(Doctor().Text("sessions"), "2: 1 running, 1 finished");
  EXPECT_EQ(Doctor().Result("sessions"), "ok");
  const std::string lost = Spawn({"--", "sleep", "1000"});
  KillSupervisor(lost);
  const std::string corrupt = Run("exit 3");
  Wait(corrupt);
  WriteFile(DirectoryOf(corrupt) + "/result.toml", "status = \"succ");
  const Found found = Doctor();
  EXPECT_EQ(found.exit_status, 0);
  EXPECT_EQ(found.Result("sessions"), "warning");
  EXPECT_THAT(found.Text("sessions"),
              AllOf(HasSubstr("4: 1 running, 1 finished, 1 lost, 1 unreadable"),
                    HasSubstr(DirectoryOf(corrupt) + "/result.toml")));
  EXPECT_THAT(found.checks.at("sessions").value("advice", ""),
              HasSubstr("csa gc"));
  EXPECT_FALSE(fs::exists(DirectoryOf(lost) + "/result.toml"));
  gate.Open();
}

// What it says of cgroups is what sessions get.
TEST_F(DoctorTest, KnowsWhetherSessionsHaveCgroups) {
  const Found found = Doctor();
  const std::string id = Run("exit 0");
  Wait(id);
  const bool has = fs::exists(DirectoryOf(id) + "/cgroup");
  EXPECT_EQ(has, WithCgroups());
  EXPECT_EQ(found.Result("cgroup"), has ? "ok" : "warning");
  EXPECT_EQ(Doctor().Result("cgroup"), found.Result("cgroup"));
  const Ended limited = Csa({"spawn", "--memory-max=1G", "--", "true"});
  EXPECT_EQ(found.Result("memory_limit"),
            limited.exit_status == 0 ? "ok" : "warning");
  const Ended nested = Wait(Run(Tool("csa") + " doctor | grep ' cgroup '"));
  EXPECT_THAT(nested.output, StartsWith(has ? "ok " : "warning "));
}

TEST_F(DoctorTest, F39_AStateDirectoryThatIsNoGoodIsAnError) {
  Run("exit 0");
  for (const mode_t mode : {0770, 0702}) {
    ASSERT_EQ(chmod(Sessions().c_str(), mode), 0);
    const Found found = Doctor();
    EXPECT_EQ(found.exit_status, 1);
    EXPECT_EQ(found.Result("state_directory"), "error");
    EXPECT_THAT(found.Text("state_directory"), HasSubstr("writable by others"));
  }
  ASSERT_EQ(chmod(Sessions().c_str(), 0700), 0);
  EXPECT_EQ(Doctor().exit_status, 0);
  const Found relative = DoctorWith({{"CSA_STATE_DIR", "somewhere"}});
  EXPECT_EQ(relative.exit_status, 1);
  EXPECT_THAT(relative.Text("state_directory"), HasSubstr("no absolute path"));
  const std::string file = scratch().PathOf("file");
  WriteFile(file, "");
  EXPECT_EQ(DoctorWith({{"CSA_STATE_DIR", file}}).exit_status, 1);
  EXPECT_EQ(DoctorWith({{"CSA_STATE_DIR", file + "/x"}}).exit_status, 1);
}

TEST_F(DoctorTest, AStateDirectoryThatCannotBeWrittenIsAnError) {
  const std::string state = scratch().PathOf("state");
  fs::create_directory(state);
  for (const bool with_sessions : {false, true}) {
    PrivateMount mount("tmpfs", state, "size=1m,mode=0700");
    if (with_sessions) Wait(Run("exit 0"));
    const Found small = Doctor();
    EXPECT_EQ(small.exit_status, 0);
    EXPECT_EQ(small.Result("state_directory"), "ok");
    EXPECT_EQ(small.Result("free_space"), "warning");
    EXPECT_EQ(small.Result("locks"), "ok");
    mount.MakeReadOnly();
    const Found found = Doctor();
    EXPECT_EQ(found.exit_status, 1);
    EXPECT_EQ(found.Result("state_directory"), "error");
    EXPECT_THAT(found.Text("state_directory"),
                HasSubstr("read-only file system"));
    EXPECT_EQ(found.Result("sessions"), with_sessions ? "ok" : "no such check");
    EXPECT_EQ(Csa({"spawn", "--", "true"}).exit_status, 125);
  }
}

// Root may write wherever it wants.
TEST_F(DoctorTest, AStateDirectoryWhoseModeForbidsWritingIsAnErrorForAUser) {
  Run("exit 0");
  ASSERT_EQ(chmod(Sessions().c_str(), 0500), 0);
  const Found found = Doctor();
  const Ended spawn = Csa({"spawn", "--", "true"});
  EXPECT_EQ(found.exit_status, geteuid() == 0 ? 0 : 1);
  EXPECT_EQ(spawn.exit_status, geteuid() == 0 ? 0 : 125);
  ASSERT_EQ(chmod(Sessions().c_str(), 0700), 0);
}

TEST_F(DoctorTest, NoHomeIsAnErrorOnlyWhereThereIsNoOtherPlace) {
  const Found without = DoctorWith({{"HOME", ""}, {"XDG_STATE_HOME", ""}});
  EXPECT_EQ(without.exit_status, 0);
  const Found none =
      DoctorWith({{"HOME", ""}, {"XDG_STATE_HOME", ""}, {"CSA_STATE_DIR", ""}});
  EXPECT_EQ(none.exit_status, 1);
  EXPECT_THAT(none.Text("state_directory"), HasSubstr("set HOME"));
  const Found home =
      DoctorWith({{"HOME", scratch().PathOf("home")}, {"CSA_STATE_DIR", ""}});
  EXPECT_EQ(home.exit_status, 0);
  EXPECT_THAT(home.Text("state_directory"),
              HasSubstr(scratch().PathOf("home/.local/state/csa")));
  EXPECT_FALSE(fs::exists(scratch().PathOf("home")));
}

TEST_F(DoctorTest, NoAgentIsAWarning) {
  const Found none = DoctorWith({{"PATH", scratch().PathOf("bin")}});
  EXPECT_EQ(none.exit_status, 0);
  EXPECT_EQ(none.Result("agents"), "warning");
  EXPECT_EQ(none.Result("agent_codex"), "no such check");
  MakeCodex("", 0600);
  const Found useless = DoctorWith({{"PATH", scratch().PathOf("bin")}});
  EXPECT_EQ(useless.Result("agents"), "warning");
  EXPECT_THAT(useless.Text("agent_codex"), HasSubstr("may not be executed"));
}

TEST_F(DoctorTest, AnAgentThatFailsIsAWarning) {
  MakeCodex("echo no node here >&2; exit 1");
  const Found found = Doctor();
  EXPECT_EQ(found.exit_status, 0);
  EXPECT_EQ(found.Result("agents"), "ok");
  EXPECT_EQ(found.Result("agent_codex"), "warning");
  EXPECT_THAT(found.Text("agent_codex"),
              HasSubstr("exited with 1: no node here"));
}

TEST_F(DoctorTest, F21_WhatAnAgentPrintsIsKeptShort) {
  MakeCodex("head -c 10000000 /dev/zero | tr '\\0' x");
  EXPECT_THAT(Doctor().Text("agent_codex"),
              MatchesRegex("x{80} [(].*/bin/codex[)]"));
  MakeCodex(R"(printf '\033[31mcodex\a\033[0m 1.2\377\n')");
  const Ended text = Csa({"doctor"}, options_);
  EXPECT_THAT(text.output,
              AllOf(HasSubstr(R"( \x1B[31mcodex\x07\x1B[0m 1.2\xFF ()"),
                    Not(HasSubstr("\x1b"))));
}

TEST_F(DoctorTest, F22_NothingIsLeftOfAnAgentThatHangs) {
  MakeCodex(absl::StrCat("echo codex-cli 1.2.3; exec ", Hostile(), " ",
                         lifeline_.path(),
                         " setsid,daemon,ignore-term,stopped,bare"));
  Program doctor(CsaArgv({"doctor", "--format=json"}), InTest(options_));
  lifeline_.AwaitReady(6);
  const Found found = Parse(doctor.Await());
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(found.exit_status, 0);
  EXPECT_EQ(found.Result("agent_codex"), "warning");
  EXPECT_THAT(found.Text("agent_codex"), HasSubstr("did not end within 10s"));
}

TEST_F(DoctorTest, F26_NothingIsLeftOfAnAgentThatEnds) {
  MakeCodex(absl::StrCat("echo codex-cli 1.2.3; exec ", Hostile(), " ",
                         lifeline_.path(),
                         " setsid,daemon,ignore-term,bare 0"));
  Program doctor(CsaArgv({"doctor", "--format=json"}), InTest(options_));
  lifeline_.AwaitReady(4);
  lifeline_.Release();
  const Found found = Parse(doctor.Await());
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(found.Result("agent_codex"), "ok");
}

TEST_F(DoctorTest, F30_NothingIsLeftWhenItIsKilled) {
  MakeCodex(absl::StrCat("exec ", Hostile(), " ", lifeline_.path(),
                         " setsid,daemon,ignore-term,bare"));
  Program doctor(CsaArgv({"doctor"}), InTest(options_));
  lifeline_.AwaitReady(5);
  doctor.Signal(SIGKILL);
  EXPECT_EQ(doctor.Await().signal, SIGKILL);
  lifeline_.AwaitAllDead();
}

// A shell that becomes the last of its commands leaves it its children.
TEST_F(DoctorTest, F24_TheChildrenOfWhoeverBecameItAreLeftAlone) {
  MakeCodex("echo codex-cli 1.2.3");
  const std::string script = absl::StrCat(
      Hostile(), " ", lifeline_.path(), " '' >/dev/null 2>&1 & echo $!; exec ",
      Tool("csa"), " doctor");
  Program doctor({"sh", "-c", script}, InTest(options_));
  const pid_t child = std::stoi(doctor.AwaitFirstLine());
  lifeline_.AwaitReady(1);
  const PidFd process = PidFd::Open(child).value();
  const Ended ended = doctor.Await();
  EXPECT_EQ(ended.exit_status, 0);
  EXPECT_THAT(ended.output, HasSubstr("codex-cli 1.2.3"));
  EXPECT_FALSE(lifeline_.AllDead());
  EXPECT_TRUE(process.Signal(SIGKILL).ok());
  lifeline_.AwaitAllDead();
}

TEST_F(DoctorTest, F07_AStandardOutputThatIsClosedIsAnError) {
  ProgramOptions options = options_;
  options.prepare = [] { close(STDOUT_FILENO); };
  const Ended ended = Csa({"doctor"}, options);
  EXPECT_EQ(ended.exit_status, 125);
  EXPECT_THAT(ended.error, HasSubstr("csa-doctor: stdout"));
  const Ended piped = RunProgram({"sh", "-c", Tool("csa") + " doctor | true"},
                                 InTest(options_));
  EXPECT_EQ(piped.exit_status, 0);
  EXPECT_EQ(piped.error, "");
}

}  // namespace
}  // namespace csa
