#include "common/cli/session_option.h"

#include "absl/flags/reflection.h"
#include "common/cli/options.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// What a command line names. Puts the flags back.
absl::StatusOr<std::string> Reference(
    const std::vector<std::string>& arguments) {
  const absl::FlagSaver saver;
  return SessionReference(
      ParseOptions(arguments, OptionOrder::kAnywhere).value());
}

TEST(SessionReference, IsTheOptionOrTheOperand) {
  EXPECT_EQ(Reference({"--session", "01J"}).value(), "01J");
  EXPECT_EQ(Reference({"--session=01J"}).value(), "01J");
  EXPECT_EQ(Reference({"01J"}).value(), "01J");
}

TEST(SessionReference, MustBeGiven) {
  const absl::Status status = Reference({}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(status.message(), "no session is named");
}

TEST(SessionReference, MustBeGivenOnce) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"a", "b"}, {"--session=a", "b"}, {"--session=a", "--session=a"}}) {
    const absl::Status status = Reference(arguments).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_EQ(status.message(), "more than one session is named");
  }
}

}  // namespace
}  // namespace csa
