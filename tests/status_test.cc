// Promise: csa status and csa result tell what is known of a session, and no
// more.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

using Json = nlohmann::json;

class StatusTest : public CsaTest {
 protected:
  Json JsonOf(const std::string& command, const std::string& id) const {
    const Json json =
        Json::parse(Csa({command, "--json", id}).output, nullptr, false);
    EXPECT_EQ(json.value("session_id", ""), id);
    return json;
  }
};

TEST_F(StatusTest, ARunningSessionIsDescribed) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string id = Run(absl::StrCat("sleep 1000 & echo begun; read go < ",
                                          gate.path(), "; kill $!"));
  Program follower(CsaArgv({"logs", "-f", id}), InTest());
  follower.AwaitOutput("begun\n");
  const Ended ended = Csa({"status", id});
  EXPECT_EQ(ended.exit_status, 0);
  EXPECT_THAT(ended.output,
              AllOf(StartsWith(absl::StrCat(id, " running, pid ",
                                            SupervisorOf(id), ", for ")),
                    HasSubstr(", last output "), HasSubstr(", processes 2, ")));
  const Json json = JsonOf("status", id);
  EXPECT_EQ(json["state"], "running");
  EXPECT_EQ(json["pid"], SupervisorOf(id));
  EXPECT_EQ(json["processes"], 2);
  EXPECT_GT(json.value("memory_bytes", 0), 0);
  EXPECT_GE(json.value("idle_seconds", -1.0), 0.0);

  const Ended result = Csa({"result", id});
  EXPECT_EQ(result.exit_status, 124);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.error, HasSubstr("has not ended yet"));
  EXPECT_EQ(Csa({"result", "--json", id}).exit_status, 124);
  EXPECT_EQ(JsonOf("result", id)["state"], "running");
  gate.Open();
  Wait(id);
  EXPECT_EQ(Csa({"status", id}).exit_status, 1);
}

TEST_F(StatusTest, WhatHasNotWrittenIsNotIdle) {
  const std::string id = Spawn({"--", "sleep", "1000"});
  EXPECT_THAT(Csa({"status", id}).output, HasSubstr(", no output yet"));
  EXPECT_TRUE(JsonOf("status", id)["idle_seconds"].is_null());
}

TEST_F(StatusTest, F42_AFailureIsExplained) {
  const std::string id =
      Run("echo at work; echo 'no network' >&2; sleep 1000 & exit 3");
  EXPECT_EQ(Wait(id).exit_status, 3);
  const Ended status = Csa({"status", id});
  EXPECT_EQ(status.exit_status, 1);
  EXPECT_THAT(
      status.output,
      AllOf(StartsWith(absl::StrCat(id, " failure, exit code 3, took ")),
            HasSubstr(", strays 1\n")));
  const Ended result = Csa({"result", id});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.error, "");
  for (const char* text :
       {"status    failure, exit code 3\n", "command   exit status 3\n",
        "tool      sh\n", "summary   at work\n",
        "strays    1: ", "  no network\n"}) {
    EXPECT_THAT(result.output, HasSubstr(text));
  }
  const Json json = JsonOf("result", id);
  EXPECT_EQ(json["status"], "failure");
  EXPECT_EQ(json["command_exit"], 3);
  EXPECT_TRUE(json["command_signal"].is_null());
  EXPECT_EQ(json["stderr_lines"], Json({"no network"}));
  EXPECT_EQ(json["stray_names"].size(), 1U);
}

TEST_F(StatusTest, F27_WhoEndedItIsSaid) {
  const std::string id = Spawn({"--", "sleep", "1000"});
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_THAT(Csa({"result", id}).output,
              AllOf(HasSubstr("status    killed, exit code 143\n"),
                    HasSubstr("command   signal 15 (Terminated)\n"),
                    HasSubstr("ended by  "), HasSubstr("csa-kill")));
}

TEST_F(StatusTest, F15_ALostSessionIsSaidToBe) {
  const std::string id = Run("echo x >&2; exec sleep 1000");
  Program follower(CsaArgv({"logs", "-f", "--stderr", id}), InTest());
  follower.AwaitOutput("x\n");
  KillSupervisor(id);
  for (int recorded = 0; recorded < 2; ++recorded) {
    const Ended status = Csa({"status", id});
    EXPECT_EQ(status.exit_status, 1);
    EXPECT_EQ(status.output, absl::StrCat(id, " lost, exit code 1\n"));
    const Ended result = Csa({"result", id});
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, HasSubstr("status    lost, exit code 1\n"));
    EXPECT_THAT(result.error, HasSubstr("is lost"));
    EXPECT_EQ(JsonOf("result", id)["state"], "lost");
    EXPECT_EQ(Kill(id).exit_status, 0);
  }
}

TEST_F(StatusTest, F12_ACorruptResultIsNoResult) {
  const std::string id = Run("true");
  Wait(id);
  WriteFile(absl::StrCat(DirectoryOf(id), "/result.toml"),
            "status = \"success\"\nexit");
  for (const char* command : {"status", "result"}) {
    const Ended ended = Csa({command, id});
    EXPECT_EQ(ended.exit_status, 125);
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.error, HasSubstr("result.toml"));
  }
}

TEST_F(StatusTest, MistakesAreSaid) {
  for (const char* command : {"status", "result"}) {
    EXPECT_EQ(Csa({command}).exit_status, 125);
    EXPECT_EQ(Csa({command, "ZZZZZZZZ"}).exit_status, 125);
    EXPECT_EQ(Csa({command, "latest"}).exit_status, 125);
  }
}

}  // namespace
}  // namespace csa
