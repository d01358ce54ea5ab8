#include "tests/bench/lists.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/command.h"
#include "tests/bench/die.h"

namespace csa::bench {
namespace {

using std::chrono::nanoseconds;

constexpr int kRounds = 20;
constexpr int kGreat = 100'000;
constexpr int kShown = 20;

// A measurement, and what was found.
struct Row {
  std::function<nanoseconds()> measure;
  std::vector<nanoseconds> durations;
};

// Measures both in turns.
void Alternate(Row& first, Row& second) {
  for (int round = 0; round < kRounds; ++round) {
    for (Row* row : {&first, &second}) {
      row->durations.push_back(row->measure());
    }
  }
}

std::string SessionsOf(const Store& store) {
  return store.directory() + "/sessions";
}

// The names of the newest `count` sessions.
std::vector<std::string> NewestIn(const std::string& sessions, size_t count) {
  std::vector<std::string> ids;
  DIR* const directory = opendir(sessions.c_str());
  if (directory == nullptr) Die("open " + sessions);
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') ids.emplace_back(entry->d_name);
  }
  closedir(directory);
  if (ids.size() < count) Die("too few sessions in " + sessions);
  std::sort(ids.rbegin(), ids.rend());
  ids.resize(count);
  return ids;
}

// Opens both files of each of the newest `count` sessions, reads and closes
// them.
nanoseconds TimeReading(const std::string& sessions, size_t count) {
  std::array<char, 16 * 1024> bytes;
  const nanoseconds start = Now();
  const int store =
      Must(open(sessions.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open");
  for (const std::string& id : NewestIn(sessions, count)) {
    const int session =
        Must(openat(store, id.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), id);
    for (const char* name : {"result.toml", "session.json"}) {
      const int file = Must(openat(session, name, O_RDONLY | O_CLOEXEC), name);
      Must(static_cast<int>(read(file, bytes.data(), bytes.size())), name);
      close(file);
    }
    close(session);
  }
  close(store);
  return Now() - start;
}

}  // namespace

void MeasureLongList(const Store& store, int count, Table& table) {
  const std::string number = std::to_string(count);
  Row reading = {.measure =
                     [&] {
                       return TimeReading(SessionsOf(store),
                                          static_cast<size_t>(count));
                     },
                 .durations = {}};
  Row listing = {.measure =
                     [&] {
                       return TimeToEnd(store.StartTool(
                           {"csa", "list", "--number", number}));
                     },
                 .durations = {}};
  Alternate(reading, listing);
  const Spread reference = SpreadOf(std::move(reading.durations));
  table.SetReference(reference.median);
  table.AddTime("open and read both files of " + number +
                    " finished sessions, the reference",
                reference, {});
  table.AddTime("`csa list` of these " + number,
                SpreadOf(std::move(listing.durations)),
                {.required = std::nullopt, .aim = 10});
}

void MeasureGreatStore(const Store& store, Table& table) {
  const std::string sessions = SessionsOf(store);
  MakeEmptySessions(store.directory(), kGreat);
  for (int i = 0; i < kShown; ++i) {
    store.StartTool({"csa-spawn", "--", "/bin/true"}).Reap();
    AwaitNoChildren();
  }
  Row names = {.measure =
                   [&] {
                     return TimeToEnd(Command({"/bin/ls", "-U", sessions},
                                              PlainEnvironment()));
                   },
               .durations = {}};
  Row listing = {.measure =
                     [&] {
                       return TimeToEnd(store.StartTool({"csa", "list"}));
                     },
                 .durations = {}};
  Alternate(names, listing);
  const Spread reference = SpreadOf(std::move(names.durations));
  table.SetReference(reference.median);
  const std::string where = " of " + std::to_string(kGreat) +
                            " sessions, store on " + store.FileSystem();
  table.AddTime("`ls -U`" + where + ", the reference", reference, {});
  table.AddRatio("`csa list`, the newest " + std::to_string(kShown) + where,
                 SpreadOf(std::move(listing.durations)),
                 {.required = 2, .aim = std::nullopt});
}

}  // namespace csa::bench
