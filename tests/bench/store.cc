#include "tests/bench/store.h"

#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iomanip>
#include <map>
#include <sstream>
#include <utility>

#include "tests/bench/die.h"
#include "tests/bench/proc.h"

namespace csa::bench {

namespace {

// The id of an old session, another for each `number`.
std::string OldId(int number) {
  std::ostringstream id;
  id << "01ARYZ6S41TSV4RR" << std::setw(10) << std::setfill('0') << number;
  return id.str();
}

}  // namespace

Store::Store(std::string tools, const std::string& directory)
    : tools_(std::move(tools)),
      directory_(directory),
      environment_(PlainEnvironment()) {
  environment_.push_back("CSA_STATE_DIR=" + directory);
}

std::string Store::FileSystem() const {
  // From statfs(2).
  static const std::map<long, std::string> kNames = {
      {0x01021994, "tmpfs"}, {0xEF53, "ext4"},          {0x58465342, "xfs"},
      {0x9123683E, "btrfs"}, {0x794C7630, "overlayfs"}, {0x2FC12FC1, "zfs"},
      {0xF2F52010, "f2fs"},  {0x6969, "nfs"},
  };
  struct statfs status = {};
  Must(statfs(directory_.c_str(), &status), "statfs " + directory_);
  const auto found = kNames.find(static_cast<long>(status.f_type));
  if (found != kNames.end()) return found->second;
  std::ostringstream name;
  name << "file system 0x" << std::hex << status.f_type;
  return name.str();
}

Command Store::StartTool(std::vector<std::string> argv) const {
  argv[0] = tools_ + "/" + argv[0];
  return {std::move(argv), environment_};
}

Session Store::StartSession(const std::vector<std::string>& argv) const {
  std::vector<std::string> line = {"csa-spawn", "--"};
  line.insert(line.end(), argv.begin(), argv.end());
  Command spawn = StartTool(line);
  spawn.Reap();
  Session session;
  session.id = spawn.Output();
  if (session.id.size() != 27) Die("csa-spawn printed '" + session.id + "'");
  session.id.pop_back();
  session.directory = directory_ + "/sessions/" + session.id;
  std::istringstream lock(ReadFile(session.directory + "/daemon.pid"));
  if (!(lock >> session.supervisor)) Die("no pid in " + session.directory);
  AwaitPolling(session.supervisor, "csa-supervise");
  return session;
}

bool Store::IsFinished(const Session& session) {
  return !ReadFile(session.directory + "/result.toml").empty();
}

void MakeEmptySessions(const std::string& directory, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string path = directory + "/sessions/" + OldId(i);
    Must(mkdir(path.c_str(), 0700), "make a directory");
  }
}

void CopySessions(const std::string& directory, const std::string& id,
                  int count) {
  const std::string sessions = directory + "/sessions/";
  std::map<std::string, std::string> records;
  for (const char* file : {"session.json", "result.toml", "daemon.pid"}) {
    records[file] = ReadFile(sessions + id + "/" + file);
  }
  MakeEmptySessions(directory, count);
  for (int i = 0; i < count; ++i) {
    const std::filesystem::path session = sessions + OldId(i);
    for (const auto& [file, text] : records) {
      std::string own = text;
      const size_t at = own.find(id);
      if (at != std::string::npos) own.replace(at, id.size(), OldId(i));
      std::ofstream out(session / file);
      if (!(out << own).flush()) Die("write the records of a session");
    }
  }
}

std::vector<std::string> PlainEnvironment() {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (text.rfind("CSA_", 0) != 0) environment.push_back(text);
  }
  return environment;
}

}  // namespace csa::bench
