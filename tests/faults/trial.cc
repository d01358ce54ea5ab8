#include "tests/faults/trial.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/os/cgroup.h"
#include "common/os/file.h"
#include "common/os/proc.h"
#include "common/session/end_watch.h"
#include "common/session/session_cgroup.h"
#include "common/testing/private_cgroup.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;
using Kind = SessionState::Kind;

}  // namespace

Trial::Trial(std::string faults)
    : faults_(std::move(faults)),
      log_(scratch().PathOf("faults")),
      lifeline_(scratch().PathOf("lifeline")),
      gate_(scratch().PathOf("gate")) {
  WriteFile(log_, "");
  // One for all trials. It ends after the last test: what is left in it is
  // ExpectNoCgroups' to find.
  if (WithCgroups()) static const PrivateCgroup own;
  // From now on it is hung up whenever nobody holds it.
  UniqueFd(open(lifeline_.path().c_str(), O_WRONLY | O_CLOEXEC)).Reset();
}

Ended Trial::RunFaulty(absl::string_view tool,
                       const std::vector<std::string>& arguments,
                       const std::string& input) const {
  ProgramOptions options;
  options.input = input;
  options.environment = {{"CSA_FAULT", faults_}, {"CSA_FAULT_LOG", log_}};
  return RunTool(tool, arguments, options);
}

Ended Trial::RunTool(absl::string_view tool,
                     const std::vector<std::string>& arguments,
                     const ProgramOptions& options) const {
  std::vector<std::string> argv = {Tool(tool)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunProgram(argv, InTest(options));
}

void Trial::StartHostile(const std::string& kinds, int count) {
  const Ended spawn =
      RunTool("csa-spawn", {"--", Hostile(), lifeline_.path(), kinds});
  EXPECT_EQ(spawn.exit_status, 0) << spawn.error;
  lifeline_.AwaitReady(count);
}

void Trial::AwaitReadyIfRunning(int count) {
  for (const std::string& id : VisibleIds()) {
    const std::optional<PidFd> supervisor = HoldSupervisorOf(id);
    if (!supervisor.has_value()) continue;
    lifeline_.AwaitReadyUnlessDead(count, *supervisor);
  }
}

void Trial::AwaitEnds() const {
  for (const std::string& id : VisibleIds()) {
    const std::optional<PidFd> supervisor = HoldSupervisorOf(id);
    if (!supervisor.has_value()) continue;
    EXPECT_TRUE(supervisor->AwaitDeath(absl::InfiniteFuture()).ok());
  }
}

std::vector<std::string> Trial::VisibleIds() const {
  std::vector<std::string> ids = StoreEntries();
  std::erase_if(ids, [](const std::string& name) { return name[0] == '.'; });
  return ids;
}

void Trial::AgeHidden() const {
  const timespec times[] = {{.tv_sec = 1, .tv_nsec = 0},
                            {.tv_sec = 1, .tv_nsec = 0}};
  for (const std::string& name : StoreEntries()) {
    if (name[0] != '.') continue;
    EXPECT_EQ(utimensat(AT_FDCWD, DirectoryOf(name).c_str(), times, 0), 0);
  }
}

SessionDirectory Trial::Open(const std::string& id) const {
  const UniqueFd sessions =
      OpenAt(AT_FDCWD, Sessions(), O_RDONLY | O_DIRECTORY).value();
  return SessionDirectory::Open(sessions.get(), SessionId::Parse(id).value(),
                                id, Sessions())
      .value();
}

std::optional<PidFd> Trial::HoldSupervisorOf(const std::string& id) const {
  const SessionDirectory session = Open(id);
  const std::optional<pid_t> pid = session.Supervisor().value();
  if (!pid.has_value()) return std::nullopt;
  return HoldSupervisor(session, *pid).value();
}

std::vector<pid_t> Trial::Processes() const {
  std::vector<pid_t> processes;
  for (const pid_t pid : AllProcesses()) {
    const std::optional<std::string> state = VariableOf(pid, "CSA_STATE_DIR");
    if (state.has_value() && absl::StrCat(*state, "/sessions") == Sessions()) {
      processes.push_back(pid);
    }
  }
  return processes;
}

void Trial::ExpectReadersAgree(const std::string& id,
                               const SessionState& state) const {
  std::map<std::string, std::string> said;
  for (const char* reader : {"csa-wait", "csa-attach"}) {
    const Ended ended = RunTool(reader, {"--format=json", id});
    EXPECT_EQ(ended.exit_status, state.result.exit_code) << reader;
    said[reader] = ended.output;
  }
  for (const char* reader : {"csa-status", "csa-result"}) {
    said[reader] = RunTool(reader, {"--format=json", id}).output;
  }
  const std::string list = RunTool("csa-list", {"--format=json"}).output;
  for (const absl::string_view line : absl::StrSplit(list, '\n')) {
    if (absl::StrContains(line, id)) said["csa-list"] = std::string(line);
  }
  EXPECT_THAT(said, SizeIs(5));
  const bool lost =
      state.kind == Kind::kLost || state.result.status == SessionStatus::kLost;
  for (const auto& [reader, line] : said) {
    const Json json = Json::parse(line, nullptr, false);
    ASSERT_TRUE(json.is_object()) << reader << ": " << line;
    EXPECT_EQ(json.value("state", ""), lost ? "lost" : "finished") << reader;
    EXPECT_EQ(json.value("status", ""),
              std::string(SessionStatusName(state.result.status)))
        << reader;
    EXPECT_EQ(json.value("exit_code", -1), state.result.exit_code) << reader;
  }
}

void Trial::ExpectSound() const {
  const std::vector<std::string> ids = VisibleIds();
  for (const std::string& id : ids) {
    const SessionDirectory session = Open(id);
    EXPECT_TRUE(session.ReadSpec().ok()) << session.ReadSpec().status();
    EXPECT_TRUE(session.ReadCommand().ok()) << session.ReadCommand().status();
    const absl::StatusOr<SessionState> state = ReadState(session);
    ASSERT_TRUE(state.ok()) << state.status();
    if (state->kind != Kind::kRunning) ExpectReadersAgree(id, *state);
  }
  for (const pid_t pid : Processes()) {
    const std::optional<std::string> id = VariableOf(pid, "CSA_SESSION_ID");
    // One that has ended meanwhile has no variables.
    if (!id.has_value()) continue;
    EXPECT_THAT(ids, Contains(*id)) << DescribeWithParent(pid);
  }
}

void Trial::ExpectNoCgroups() {
  if (!WithCgroups()) return;
  std::vector<std::string> cgroups;
  const std::string base = CgroupsBeside(OwnCgroup().value_or("/nowhere"));
  for (const auto& entry : std::filesystem::directory_iterator(base)) {
    if (entry.is_directory() && entry.path().filename() != "supervisors") {
      cgroups.push_back(entry.path());
    }
  }
  EXPECT_THAT(cgroups, IsEmpty());
}

void Trial::ExpectRecovers(const std::vector<SessionStatus>& allowed) {
  std::map<std::string, std::string> published;
  for (const std::string& id : VisibleIds()) {
    const std::string result = DirectoryOf(id) + "/result.toml";
    if (access(result.c_str(), F_OK) == 0) published[id] = ReadFile(result);
    const Ended kill = RunTool("csa-kill", {id});
    EXPECT_EQ(kill.exit_status, 0) << kill.error;
  }
  AgeHidden();
  const Ended gc = RunTool("csa-gc", {});
  EXPECT_EQ(gc.exit_status, 0) << gc.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_THAT(Processes(), IsEmpty());
  for (const std::string& id : StoreEntries()) {
    ASSERT_NE(id[0], '.') << id << " is left";
    const absl::StatusOr<SessionState> state = ReadState(Open(id));
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(state->kind, Kind::kFinished);
    EXPECT_THAT(allowed, Contains(state->result.status))
        << FileOf(id, "result.toml");
    if (published.contains(id)) {
      EXPECT_EQ(FileOf(id, "result.toml"), published[id]);
    } else {
      ExpectReadersAgree(id, *state);
    }
  }
  ExpectWorks();
  AwaitEnds();
  const Ended all = RunTool("csa-gc", {"--keep=0"});
  EXPECT_EQ(all.exit_status, 0) << all.error;
  EXPECT_THAT(StoreEntries(), IsEmpty());
}

void Trial::ExpectWorks() const {
  const Ended spawn = RunTool("csa-spawn", {"--", "sh", "-c", "exit 4"});
  EXPECT_EQ(spawn.exit_status, 0) << spawn.error;
  EXPECT_EQ(RunTool("csa-wait", {"latest"}).exit_status, 4);
}

std::vector<std::string> Trial::Points() const {
  return absl::StrSplit(ReadFile(log_), '\n', absl::SkipEmpty());
}

}  // namespace csa
