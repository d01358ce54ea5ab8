#include "tests/csa_test.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/session_variables.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/session/session_directory.h"
#include "common/session/session_spec.h"
#include "common/testing/private_mount.h"

namespace csa {
namespace {

// Bazel starts a test in the top directory of its runfiles.
std::string Runfile(absl::string_view path) {
  return absl::StrCat(std::filesystem::current_path().string(), "/", path);
}

}  // namespace

Gate::Gate(std::string path) : path_(std::move(path)) {
  EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0) << path_;
  // Open at both ends, so that neither side waits for the other to open it.
  fd_.Reset(open(path_.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_TRUE(fd_.valid()) << path_;
}

void Gate::Open() const { EXPECT_EQ(write(fd_.get(), "\n", 1), 1); }

PrivateState::PrivateState() {
  if (!WithCgroups()) return;
  static const PrivateMount cgroups("cgroup2", "/sys/fs/cgroup", "");
}

PrivateState::~PrivateState() {
  for (const std::string& name : StoreEntries()) {
    if (name[0] != '.') Kill(name);
  }
  for (const auto& entry :
       std::filesystem::directory_iterator(scratch_.path())) {
    const std::string path = entry.path();
    if (absl::StartsWith(path, SanitizerLog())) ADD_FAILURE() << ReadFile(path);
  }
}

bool PrivateState::WithCgroups() {
  return std::getenv("CSA_TEST_CGROUPS") != nullptr;
}

std::string PrivateState::Tool(absl::string_view name) {
  static const std::string bin = Runfile("tests/bin");
  return absl::StrCat(bin, "/", name);
}

std::string PrivateState::Hostile() {
  static const std::string path = Runfile("common/testing/hostile");
  return path;
}

ProgramOptions PrivateState::InTest(ProgramOptions options) const {
  for (const char* name : kSessionVariables) {
    options.environment.try_emplace(name, "");
  }
  options.environment.try_emplace("CSA_STATE_DIR", scratch_.PathOf("state"));
  options.environment.try_emplace("XDG_CONFIG_HOME",
                                  scratch_.PathOf("configuration"));
  // A supervisor has no stderr.
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    const char* const given = std::getenv(name);
    options.environment.try_emplace(name,
                                    absl::StrCat(given == nullptr ? "" : given,
                                                 ":log_path=", SanitizerLog()));
  }
  return options;
}

std::string PrivateState::SanitizerLog() const {
  return scratch_.PathOf("sanitizer");
}

Ended PrivateState::Csa(const std::vector<std::string>& arguments,
                        const ProgramOptions& options) const {
  return RunProgram(CsaArgv(arguments), InTest(options));
}

std::vector<std::string> PrivateState::CsaArgv(
    const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {Tool("csa")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

std::vector<std::string> PrivateState::InPidNamespace(
    const std::vector<std::string>& argv) {
  std::vector<std::string> contained = {"unshare", "--pid", "--fork",
                                        "--mount-proc", "--kill-child"};
  // Whoever is not root may make namespaces in one of users.
  if (geteuid() != 0) {
    contained.insert(contained.end(), {"--user", "--map-current-user"});
  }
  contained.insert(contained.end(), argv.begin(), argv.end());
  return contained;
}

void PrivateState::Prepare(const std::string& id,
                           const std::vector<std::string>& argv) const {
  const std::string directory = HiddenDirectoryOf(id);
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  WriteFile(directory + "/command", FormatCommand(argv));
  WriteFile(
      directory + "/session.json",
      FormatSessionSpec({.id = id, .created_at = absl::Now(), .argv = argv}));
}

std::string PrivateState::HiddenDirectoryOf(const std::string& id) const {
  return DirectoryOf(absl::StrCat(".", id));
}

ProgramOptions PrivateState::InSession(const std::string& id) const {
  ProgramOptions options;
  options.environment = {{"CSA_SESSION_ID", id},
                         {"CSA_SESSION_DIR", DirectoryOf(id)}};
  return options;
}

std::string PrivateState::Run(const std::string& script) const {
  const Ended run = Csa({"run", "--tool", "sh", script});
  EXPECT_EQ(run.exit_status, 0) << run.error;
  return std::string(absl::StripSuffix(run.output, "\n"));
}

std::string PrivateState::Spawn(const std::vector<std::string>& arguments,
                                const ProgramOptions& options) const {
  std::vector<std::string> argv = {"spawn"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const Ended spawn = Csa(argv, options);
  EXPECT_EQ(spawn.exit_status, 0) << spawn.error;
  return std::string(absl::StripSuffix(spawn.output, "\n"));
}

std::unique_ptr<Program> PrivateState::StartWaiter(
    const std::string& id, const std::vector<std::string>& arguments) const {
  // It looks at the lock once to learn of the supervisor, and again when it
  // holds the supervisor's pidfd. Of one waiter at a time, no events are
  // merged: an opening and a closing take turns.
  constexpr int kLooks = 2;
  const UniqueFd looks(inotify_init1(IN_CLOEXEC));
  const std::string lock = absl::StrCat(DirectoryOf(id), "/", kLockFile);
  EXPECT_GE(
      inotify_add_watch(looks.get(), lock.c_str(), IN_OPEN | IN_CLOSE_NOWRITE),
      0);
  auto waiter = std::make_unique<Program>(CsaArgv(arguments), InTest());
  int closed = 0;
  while (closed < kLooks) {
    inotify_event event;  // of a file: it has no name
    if (read(looks.get(), &event, sizeof event) != sizeof event) {
      ADD_FAILURE() << "no look at " << lock;
      break;
    }
    if ((event.mask & IN_CLOSE_NOWRITE) != 0) ++closed;
  }
  return waiter;
}

Ended PrivateState::Wait(const std::string& id) const {
  while (true) {
    Ended wait = Csa({"session", "wait", "--session", id});
    if (wait.exit_status != 124) return wait;
  }
}

Ended PrivateState::Kill(const std::string& id) const {
  return Csa({"session", "kill", "--session", id});
}

std::string PrivateState::DirectoryOf(const std::string& id) const {
  return absl::StrCat(Sessions(), "/", id);
}

std::string PrivateState::FileOf(const std::string& id,
                                 absl::string_view file) const {
  return ReadFile(absl::StrCat(DirectoryOf(id), "/", file));
}

std::vector<std::string> PrivateState::StoreEntries() const {
  std::vector<std::string> entries;
  const absl::StatusOr<UniqueFd> store =
      OpenAt(AT_FDCWD, Sessions(), O_RDONLY | O_DIRECTORY);
  if (!store.ok()) return entries;
  static_cast<void>(ListDirectory(store->get(), [&](absl::string_view name) {
    entries.emplace_back(name);
    return true;
  }));
  std::sort(entries.begin(), entries.end());
  return entries;
}

SessionResult PrivateState::ResultOf(const std::string& id) const {
  const absl::StatusOr<SessionResult> result =
      ParseSessionResult(FileOf(id, kResultFile));
  EXPECT_TRUE(result.ok()) << result.status();
  return result.value_or(SessionResult());
}

pid_t PrivateState::SupervisorOf(const std::string& id) const {
  pid_t pid = 0;
  EXPECT_TRUE(absl::SimpleAtoi(FileOf(id, "daemon.pid"), &pid));
  return pid;
}

bool PrivateState::IsRunning(const std::string& id) const {
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
  return supervisor.ok() && !*supervisor->AwaitDeath(absl::InfinitePast());
}

void PrivateState::KillSupervisor(const std::string& id) const {
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(SupervisorOf(id));
  ASSERT_TRUE(supervisor.ok()) << supervisor.status();
  ASSERT_TRUE(supervisor->Signal(SIGKILL).ok());
  ASSERT_TRUE(supervisor->AwaitDeath(absl::InfiniteFuture()).ok());
}

}  // namespace csa
