#include "common/cli/options.h"

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

ABSL_FLAG(int, kilo, 0, "-k N|a number with a short form");
ABSL_FLAG(std::string, tool_name, "", "NAME|the tool");
ABSL_FLAG(int, limit, 7, "N|how many");
ABSL_FLAG(bool, quiet, false, "print nothing");
ABSL_FLAG(bool, daemon, false, "");
ABSL_FLAG(bool, help, false, "print this help");
ABSL_FLAG(csa::RepeatedOption, label, {}, "K=V|a label");
ABSL_FLAG(csa::OptionalValue, place, {}, "[=DIR]|a place");

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OptionsTest : public testing::Test {
 protected:
  // The operands, where there is no error.
  static std::vector<std::string> Parse(
      const std::vector<std::string>& arguments,
      OptionOrder order = OptionOrder::kAnywhere) {
    const absl::StatusOr<std::vector<std::string>> operands =
        ParseOptions(arguments, order);
    EXPECT_TRUE(operands.ok()) << operands.status();
    return operands.value_or(std::vector<std::string>());
  }

  // The message, where there is one.
  static std::string ErrorFor(const std::vector<std::string>& arguments) {
    const absl::Status status =
        ParseOptions(arguments, OptionOrder::kAnywhere).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  }

  static std::vector<std::string> Labels() {
    return absl::GetFlag(FLAGS_label).values;
  }

  // Puts the flags back.
  const absl::FlagSaver saver_;
};

TEST_F(OptionsTest, TakesAValueInEitherForm) {
  EXPECT_THAT(Parse({"--limit", "1", "--tool_name=a b"}), IsEmpty());
  EXPECT_EQ(absl::GetFlag(FLAGS_limit), 1);
  EXPECT_EQ(absl::GetFlag(FLAGS_tool_name), "a b");
}

TEST_F(OptionsTest, TakesDashesForUnderscores) {
  Parse({"--tool-name", "a_b-c"});
  EXPECT_EQ(absl::GetFlag(FLAGS_tool_name), "a_b-c");
}

TEST_F(OptionsTest, TakesAnyTextForAValue) {
  Parse({"--tool-name", "--limit"});
  EXPECT_EQ(absl::GetFlag(FLAGS_tool_name), "--limit");
  Parse({"--tool-name", "--"});
  EXPECT_EQ(absl::GetFlag(FLAGS_tool_name), "--");
  Parse({"--tool-name=a=b"});
  EXPECT_EQ(absl::GetFlag(FLAGS_tool_name), "a=b");
  Parse({"--tool-name", "\xFF\n"});
  EXPECT_EQ(absl::GetFlag(FLAGS_tool_name), "\xFF\n");
}

TEST_F(OptionsTest, NeedsNoValueForABool) {
  EXPECT_THAT(Parse({"--quiet", "false"}), ElementsAre("false"));
  EXPECT_TRUE(absl::GetFlag(FLAGS_quiet));
  Parse({"--quiet=false"});
  EXPECT_FALSE(absl::GetFlag(FLAGS_quiet));
}

TEST_F(OptionsTest, TheLastOneCounts) {
  Parse({"--limit=1", "--limit=2"});
  EXPECT_EQ(absl::GetFlag(FLAGS_limit), 2);
}

TEST_F(OptionsTest, TakesHForHelp) {
  Parse({"-h"});
  EXPECT_TRUE(absl::GetFlag(FLAGS_help));
}

TEST_F(OptionsTest, TakesAHiddenOption) {
  Parse({"--daemon"});
  EXPECT_TRUE(absl::GetFlag(FLAGS_daemon));
}

TEST_F(OptionsTest, CollectsARepeatedOption) {
  const std::vector<std::string> labels = {"a=1", "b=x y", "a=\n\xFF,"};
  std::vector<std::string> arguments;
  for (const std::string& label : labels) {
    arguments.emplace_back("--label");
    arguments.push_back(label);
  }
  Parse(arguments);
  EXPECT_THAT(Labels(), ElementsAreArray(labels));
}

TEST_F(OptionsTest, HasNoValuesOfARepeatedOptionAtFirst) {
  Parse({});
  EXPECT_THAT(Labels(), IsEmpty());
}

TEST_F(OptionsTest, FindsOptionsAnywhere) {
  EXPECT_THAT(Parse({"a", "--limit=1", "b", "--quiet", "c"}),
              ElementsAre("a", "b", "c"));
  EXPECT_EQ(absl::GetFlag(FLAGS_limit), 1);
  EXPECT_TRUE(absl::GetFlag(FLAGS_quiet));
}

TEST_F(OptionsTest, F06_OrBeforeOperandsOnly) {
  EXPECT_THAT(Parse({"--limit=1", "make", "--quiet", "--", "-j8"},
                    OptionOrder::kBeforeOperands),
              ElementsAre("make", "--quiet", "--", "-j8"));
  EXPECT_EQ(absl::GetFlag(FLAGS_limit), 1);
  EXPECT_FALSE(absl::GetFlag(FLAGS_quiet));
}

TEST_F(OptionsTest, F08_EndsAtTwoDashes) {
  for (const OptionOrder order :
       {OptionOrder::kAnywhere, OptionOrder::kBeforeOperands}) {
    EXPECT_THAT(Parse({"--limit=1", "--", "--quiet", "--", "-x", ""}, order),
                ElementsAre("--quiet", "--", "-x", ""));
  }
  EXPECT_FALSE(absl::GetFlag(FLAGS_quiet));
}

TEST_F(OptionsTest, TakesADashAndNothingForOperands) {
  EXPECT_THAT(Parse({"-", ""}), ElementsAre("-", ""));
  EXPECT_THAT(Parse({"-", "--quiet"}, OptionOrder::kBeforeOperands),
              ElementsAre("-", "--quiet"));
}

TEST_F(OptionsTest, F03_NamesTheNearestOption) {
  EXPECT_EQ(ErrorFor({"--limits=3"}),
            "unknown option --limits; did you mean --limit?");
  EXPECT_EQ(ErrorFor({"--tool-nam", "x"}),
            "unknown option --tool-nam; did you mean --tool-name?");
}

TEST_F(OptionsTest, HasShortForms) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"-k", "5"}, {"-k5"}, {"--kilo", "5"}, {"--kilo=5"}}) {
    EXPECT_TRUE(ParseOptions(arguments, OptionOrder::kAnywhere).ok());
    EXPECT_EQ(absl::GetFlag(FLAGS_kilo), 5);
    absl::SetFlag(&FLAGS_kilo, 0);
  }
  EXPECT_EQ(ErrorFor({"-k"}), "-k needs a value");
  EXPECT_EQ(ErrorFor({"-kx"}), "--kilo: 'x' is no N");
  EXPECT_EQ(ErrorFor({"-q"}), "unknown option -q");
  EXPECT_THAT(DescribeOptions(), testing::HasSubstr("  -k, --kilo N"));
}

TEST_F(OptionsTest, AnOptionalValueStandsBehindEqualsOnly) {
  EXPECT_THAT(Parse({"--place", "x"}), ElementsAre("x"));
  EXPECT_TRUE(absl::GetFlag(FLAGS_place).given);
  EXPECT_EQ(absl::GetFlag(FLAGS_place).value, "");
  EXPECT_THAT(Parse({"--place=/x"}), IsEmpty());
  EXPECT_EQ(absl::GetFlag(FLAGS_place).value, "/x");
  EXPECT_EQ(ErrorFor({"--place="}), "--place: the value is empty");
  EXPECT_THAT(DescribeOptions(), HasSubstr("  --place[=DIR]               a "));
}

TEST_F(OptionsTest, F03_RefusesUnknownOptions) {
  EXPECT_EQ(ErrorFor({"--frobnicate"}), "unknown option --frobnicate");
  EXPECT_EQ(ErrorFor({"-x"}), "unknown option -x");
  EXPECT_EQ(ErrorFor({"-limit"}),
            "unknown option -limit; did you mean --limit?");
  EXPECT_EQ(ErrorFor({"--=x"}), "unknown option --");
  EXPECT_EQ(ErrorFor({"--deamon"}), "unknown option --deamon")
      << "a hidden one is not named";
}

TEST_F(OptionsTest, F03_RefusesAMissingValue) {
  EXPECT_EQ(ErrorFor({"a", "--limit"}), "--limit needs a value");
}

// Of `--tool "$TOOL"` with a variable that is not set.
TEST_F(OptionsTest, F03_RefusesAnEmptyValue) {
  EXPECT_EQ(ErrorFor({"--tool-name", ""}), "--tool-name: the value is empty");
  EXPECT_EQ(ErrorFor({"--tool-name="}), "--tool-name: the value is empty");
  EXPECT_EQ(ErrorFor({"--label="}), "--label: the value is empty");
  EXPECT_EQ(ErrorFor({"--quiet="}), "--quiet: the value is empty");
}

TEST_F(OptionsTest, F03_RefusesAWrongValue) {
  EXPECT_THAT(ErrorFor({"--limit=many"}),
              AllOf(HasSubstr("--limit: "), HasSubstr("many")));
  EXPECT_THAT(ErrorFor({"--quiet=perhaps"}), HasSubstr("--quiet: "));
  EXPECT_EQ(absl::GetFlag(FLAGS_limit), 7);
}

TEST_F(OptionsTest, DescribesEachVisibleOptionInALine) {
  const std::string help = "\n" + DescribeOptions() + "\n";
  EXPECT_THAT(help, HasSubstr("\n  --label K=V                 a label\n"));
  EXPECT_THAT(help,
              HasSubstr("\n  --quiet                     print nothing\n"));
  EXPECT_THAT(help, HasSubstr("\n  --tool-name NAME            the tool\n"));
  EXPECT_THAT(help, Not(HasSubstr("daemon")));
  EXPECT_LT(help.find("--label"), help.find("--limit"));
  EXPECT_LT(help.find("--limit"), help.find("--quiet"));
}

}  // namespace
}  // namespace csa
