// Promise: csa-gc ends what is left of lost sessions and removes what is left
// of those that never began, and touches no other session.

#include <fcntl.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/session/session_id.h"
#include "common/session/session_store.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class GcTest : public CsaTest {
 protected:
  Ended Gc(const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments = {"gc"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return Csa(arguments);
  }

  // A lost session with processes of these kinds on the lifeline.
  std::string LoseHostile(const std::string& kinds, int processes) {
    const std::string id = Spawn({"--", Hostile(), lifeline_.path(), kinds});
    lifeline_.AwaitReady(processes);
    KillSupervisor(id);
    return id;
  }

  // The id of a hidden directory with a file in it, last changed in 1970 or
  // now.
  std::string MakeHidden(bool old) const {
    const SessionId id = SessionId::Generate(absl::UnixEpoch());
    const std::string path = DirectoryOf(HiddenName(id));
    EXPECT_EQ(mkdir(path.c_str(), 0700), 0) << path;
    WriteFile(path + "/prompt.txt", "words");
    const timespec times[] = {{.tv_sec = 1, .tv_nsec = 0},
                              {.tv_sec = 1, .tv_nsec = 0}};
    EXPECT_TRUE(!old || utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    return id.text();
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

TEST_F(GcTest, IsContentWhereThereAreNoSessions) {
  const Ended gc = Gc();
  EXPECT_EQ(gc.exit_status, 0);
  EXPECT_EQ(gc.output, "");
  EXPECT_EQ(gc.error, "");
  EXPECT_EQ(Gc({"operand"}).exit_status, 125);
}

TEST_F(GcTest, F22_EndsWhatIsLeftOfALostSession) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string running =
      Run(absl::StrCat("read go < ", gate.path(), "; exit 4"));
  const std::string lost = LoseHostile("setsid,daemon,ignore-term", 4);
  const Ended gc = Gc();
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(gc.exit_status, 0) << gc.error;
  EXPECT_EQ(gc.output, absl::StrCat(lost, " lost\n"));
  EXPECT_EQ(gc.error, "");
  EXPECT_EQ(ResultOf(lost).status, SessionStatus::kLost);
  EXPECT_EQ(ResultOf(lost).strays, 3);
  EXPECT_EQ(Wait(lost).exit_status, 1);
  const Ended again = Gc();
  EXPECT_EQ(again.exit_status, 0);
  EXPECT_EQ(again.output, "");
  EXPECT_TRUE(IsRunning(running));
  gate.Open();
  EXPECT_EQ(Wait(running).exit_status, 4);
}

TEST_F(GcTest, RemovesOldHiddenDirectories) {
  const std::string finished = Run("exit 3");
  EXPECT_EQ(Wait(finished).exit_status, 3);
  const std::string young = MakeHidden(false);
  const std::string old = MakeHidden(true);
  const Ended gc = Gc({"--format=json"});
  EXPECT_EQ(gc.exit_status, 0) << gc.error;
  EXPECT_EQ(gc.output,
            absl::StrCat("{\"session_id\":\"", old,
                         "\",\"outcome\":\"removed\",\"strays\":0}\n"));
  EXPECT_THAT(StoreEntries(), UnorderedElementsAre("." + young, finished));
  EXPECT_EQ(ResultOf(finished).exit_code, 3);
}

TEST_F(GcTest, F12_OneThatCannotBeReadDoesNotStopTheOthers) {
  const std::string corrupt = Run("exit 3");
  Wait(corrupt);
  WriteFile(DirectoryOf(corrupt) + "/result.toml", "status = \"succ");
  const std::string lost = LoseHostile("setsid", 2);
  const Ended gc = Gc();
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(gc.exit_status, 125);
  EXPECT_EQ(gc.output, absl::StrCat(lost, " lost\n"));
  EXPECT_THAT(gc.error, HasSubstr(DirectoryOf(corrupt) + "/result.toml"));
  EXPECT_THAT(gc.error,
              HasSubstr("csa-gc: sessions that could not be cleared: 1\n"));
}

TEST_F(GcTest, F28_TwoAtOnceClearTogether) {
  const std::string lost = LoseHostile("setsid,daemon", 3);
  for (int i = 0; i < 20; ++i) MakeHidden(true);
  Program first(CsaArgv({"gc"}), InTest());
  Program second(CsaArgv({"gc"}), InTest());
  for (Program* gc : {&first, &second}) {
    const Ended ended = gc->Await();
    EXPECT_EQ(ended.exit_status, 0);
    EXPECT_EQ(ended.error, "");
  }
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_THAT(StoreEntries(), ElementsAre(lost));
  EXPECT_EQ(ResultOf(lost).status, SessionStatus::kLost);
}

}  // namespace
}  // namespace csa
