#include "common/base/status_macros.h"

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace csa {
namespace {

absl::Status Fail() { return absl::NotFoundError("gone"); }

// Counts how often it is evaluated.
absl::Status Count(int& calls) {
  ++calls;
  return absl::OkStatus();
}

absl::Status PassOn(const absl::Status& status, bool& reached_end) {
  CSA_RETURN_IF_ERROR(status);
  reached_end = true;
  return absl::OkStatus();
}

absl::StatusOr<int> Add(const absl::StatusOr<int>& a,
                        const absl::StatusOr<int>& b) {
  CSA_ASSIGN_OR_RETURN(const int first, a);
  int second = 0;
  CSA_ASSIGN_OR_RETURN(second, b);
  return first + second;
}

TEST(ReturnIfError, PassesAnErrorOn) {
  bool reached_end = false;
  EXPECT_EQ(PassOn(Fail(), reached_end), Fail());
  EXPECT_FALSE(reached_end);
}

TEST(ReturnIfError, GoesOnWhenOk) {
  bool reached_end = false;
  EXPECT_TRUE(PassOn(absl::OkStatus(), reached_end).ok());
  EXPECT_TRUE(reached_end);
}

TEST(ReturnIfError, EvaluatesItsArgumentOnce) {
  int calls = 0;
  const auto twice = [&]() -> absl::Status {
    CSA_RETURN_IF_ERROR(Count(calls));
    CSA_RETURN_IF_ERROR(Count(calls));
    return absl::OkStatus();
  };
  EXPECT_TRUE(twice().ok());
  EXPECT_EQ(calls, 2);
}

TEST(ReturnIfError, IsOneStatement) {
  const auto choose = [](bool fail) -> absl::Status {
    if (fail)  // NOLINT(google-readability-braces-around-statements)
      CSA_RETURN_IF_ERROR(Fail());
    else  // NOLINT(google-readability-braces-around-statements)
      return absl::AbortedError("else");
    return absl::OkStatus();
  };
  EXPECT_EQ(choose(true), Fail());
  EXPECT_TRUE(absl::IsAborted(choose(false)));
}

TEST(AssignOrReturn, AssignsToDeclarationsAndVariables) {
  EXPECT_EQ(Add(1, 2).value(), 3);
}

TEST(AssignOrReturn, PassesAnErrorOn) {
  EXPECT_EQ(Add(Fail(), 2).status(), Fail());
  EXPECT_EQ(Add(1, Fail()).status(), Fail());
}

TEST(AssignOrReturn, MovesTheValue) {
  const auto unwrap =
      [](absl::StatusOr<std::unique_ptr<int>> from) -> absl::StatusOr<int> {
    CSA_ASSIGN_OR_RETURN(const std::unique_ptr<int> owned, std::move(from));
    return *owned;
  };
  EXPECT_EQ(unwrap(std::make_unique<int>(7)).value(), 7);
}

}  // namespace
}  // namespace csa
