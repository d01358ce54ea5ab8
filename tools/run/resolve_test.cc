#include "tools/run/resolve.h"

#include <sys/stat.h>

#include <cstdlib>

#include "common/cli/exit_status.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

class ChooseToolTest : public testing::Test {
 protected:
  ChooseToolTest() { setenv("PATH", scratch_.path().c_str(), 1); }

  void Install(const std::string& program, mode_t mode = 0700) {
    WriteFile(scratch_.PathOf(program), "");
    EXPECT_EQ(chmod(scratch_.PathOf(program).c_str(), mode), 0);
  }

  absl::StatusOr<ChosenTool> Choose(const std::string& wanted,
                                    const std::string& tier = "") {
    options_.tool = wanted;
    return ChooseTool(configuration_, tier, options_);
  }

  std::string NameOf(const std::string& wanted) {
    return Choose(wanted).value().tool.name;
  }

  absl::Status ErrorFor(const std::string& wanted,
                        const std::string& tier = "") {
    return Choose(wanted, tier).status();
  }

  void SetList(const ConfigurationKey& key, std::vector<std::string> texts) {
    configuration_.settings[key].value = std::move(texts);
  }

  // A text of the user's file.
  void SetText(const ConfigurationKey& key, const std::string& text) {
    configuration_.settings[key] = {
        .value = text, .origin = Origin::kUserFile, .file = "/u", .line = 7};
  }

  ScratchDirectory scratch_;
  const std::vector<AgentTool> tools_ = {
      {.name = "asked", .explicit_only = true, .argv = {"asked-program"}},
      {.name = "first", .argv = {"first-program", "x"}},
      {.name = "second", .argv = {"second-program"}},
  };
  Configuration configuration_ = BuiltinConfiguration(tools_);
  LaunchOptions options_;
};

TEST_F(ChooseToolTest, TheFirstThatIsInstalledIsTaken) {
  Install("asked-program");
  Install("second-program");
  EXPECT_EQ(NameOf(""), "second");
  Install("first-program");
  EXPECT_EQ(NameOf(""), "first");
  EXPECT_THAT(Choose("")->notes, IsEmpty());
}

TEST_F(ChooseToolTest, TheOrderIsThatOfThePreference) {
  Install("first-program");
  SetList({"prefer"}, {"second", "first"});
  EXPECT_EQ(NameOf(""), "first");
  Install("second-program");
  EXPECT_EQ(NameOf(""), "second");
}

TEST_F(ChooseToolTest, ByItsNameAnyCanBeTaken) {
  Install("asked-program");
  Install("first-program");
  Install("second-program");
  EXPECT_EQ(NameOf("asked"), "asked");
  EXPECT_EQ(NameOf("second"), "second");
  EXPECT_EQ(Choose("first")->tool, tools_[1]);
  EXPECT_EQ(Choose("first")->options.tool, "first");
}

TEST_F(ChooseToolTest, F04_TheDefaultToolIsTakenOrNone) {
  SetText({"default_tool"}, "second");
  Install("first-program");
  const absl::Status status = ErrorFor("");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotFound);
  EXPECT_EQ(MessageOf(status),
            "the tool second (default_tool, /u:7) is not installed: "
            "second-program is not on PATH");
  EXPECT_EQ(NameOf("first"), "first");
  Install("second-program");
  EXPECT_EQ(NameOf(""), "second");
}

TEST_F(ChooseToolTest, F04_ATierFailsOverToWhatIsInstalled) {
  SetText({"default_tool"}, "first");
  SetList({"tiers", "t", "tools"}, {"first:big", "second:small"});
  Install("second-program");
  const ChosenTool second = Choose("", "t").value();
  EXPECT_EQ(second.tool.name, "second");
  EXPECT_EQ(second.options.model, "small");
  EXPECT_THAT(second.notes,
              ElementsAre("tier t: first is not installed (first-program is "
                          "not on PATH); taking second"));
  Install("first-program");
  const ChosenTool first = Choose("", "t").value();
  EXPECT_EQ(first.tool.name, "first");
  EXPECT_EQ(first.options.model, "big");
  EXPECT_THAT(first.notes, IsEmpty());
}

TEST_F(ChooseToolTest, F04_OfATierNoneIsInstalled) {
  SetList({"tiers", "t", "tools"}, {"first:big", "second"});
  Install("second-program", 0600);
  const absl::Status status = ErrorFor("", "t");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotFound);
  EXPECT_EQ(MessageOf(status),
            "no tool of the tier t can be run: first is not installed "
            "(first-program is not on PATH), second is not installed "
            "(second-program is there, but may not be executed)");
}

TEST_F(ChooseToolTest, ATierMustBeKnownAndAlone) {
  Install("first-program");
  EXPECT_THAT(MessageOf(ErrorFor("", "strong")),
              HasSubstr("unknown tier 'strong'; the configuration has none"));
  SetList({"tiers", "strong", "tools"}, {"first"});
  SetList({"tiers", "cheap", "tools"}, {"first"});
  const absl::Status status = ErrorFor("", "stronk");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kFailed);
  EXPECT_EQ(MessageOf(status),
            "unknown tier 'stronk'; did you mean strong? the tiers are cheap, "
            "strong");
  EXPECT_EQ(MessageOf(ErrorFor("first", "strong")),
            "give --tool or --tier, not both");
}

TEST_F(ChooseToolTest, WhatTheCommandLineSaysCounts) {
  Install("first-program");
  SetText({"tools", "first", "model"}, "configured");
  SetText({"tools", "first", "access"}, "workspace");
  SetText({"tools", "first", "timeout"}, "1h");
  SetText({"tools", "first", "idle_timeout"}, "5m");
  SetText({"tools", "first", "environment", "A"}, "configured");
  SetList({"tiers", "t", "tools"}, {"first:tier"});
  const ChosenTool configured = Choose("").value();
  EXPECT_EQ(configured.options.model, "configured");
  EXPECT_EQ(configured.options.access, "workspace");
  EXPECT_EQ(configured.options.timeout, absl::Hours(1));
  EXPECT_EQ(configured.options.idle_timeout, absl::Minutes(5));
  EXPECT_THAT(configured.options.environment,
              ElementsAre(Pair("A", "configured")));
  EXPECT_EQ(Choose("", "t")->options.model, "tier");
  options_ = {.model = "given",
              .timeout = absl::Seconds(1),
              .idle_timeout = absl::Seconds(2),
              .environment = {{"A", "given"}}};
  for (const std::string tier : {"", "t"}) {
    const ChosenTool given = Choose("", tier).value();
    EXPECT_EQ(given.options.model, "given");
    EXPECT_EQ(given.options.timeout, absl::Seconds(1));
    EXPECT_EQ(given.options.idle_timeout, absl::Seconds(2));
    // Of two with one name the later one counts.
    EXPECT_THAT(given.options.environment,
                ElementsAre(Pair("A", "configured"), Pair("A", "given")));
  }
}

TEST_F(ChooseToolTest, AModelIsNoOption) {
  Install("first-program");
  options_.model = "--help";
  const absl::Status status = ErrorFor("first");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kFailed);
  EXPECT_THAT(MessageOf(status),
              AllOf(StartsWith("--model: the model '--help'"),
                    HasSubstr("take it for an option")));
}

TEST_F(ChooseToolTest, F04_WhereNoneIsInstalledItSaysWhatItLookedFor) {
  Install("asked-program");
  const absl::Status status = ErrorFor("");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotFound);
  EXPECT_THAT(MessageOf(status),
              AllOf(HasSubstr("first-program"), HasSubstr("second-program"),
                    Not(HasSubstr("asked-program"))));
}

TEST_F(ChooseToolTest, F04_AToolThatIsNotInstalledIsRefused) {
  Install("second-program");
  const absl::Status status = ErrorFor("first");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotFound);
  EXPECT_THAT(MessageOf(status), HasSubstr("first-program is not on PATH"));
}

TEST_F(ChooseToolTest, F04_AToolThatMayNotBeExecutedIsRefused) {
  Install("first-program", 0600);
  const absl::Status status = ErrorFor("first");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotExecutable);
  EXPECT_THAT(MessageOf(status), HasSubstr("first-program is there, but"));
}

TEST_F(ChooseToolTest, ForAnUnknownNameItNamesTheNearest) {
  const absl::Status status = ErrorFor("secnod");
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kFailed);
  EXPECT_THAT(MessageOf(status),
              AllOf(HasSubstr("unknown tool 'secnod'"),
                    HasSubstr("did you mean second?"),
                    HasSubstr("the tools are asked, first, second")));
  EXPECT_THAT(MessageOf(ErrorFor("zzz")), Not(HasSubstr("did you mean")));
}

}  // namespace
}  // namespace csa
