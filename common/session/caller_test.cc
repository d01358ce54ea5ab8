#include "common/session/caller.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include "common/os/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kGrandparent[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";
constexpr char kParent[] = "01BRYZ6S41TSV4RRFFQ69G5FAV";
constexpr char kChild[] = "01CRYZ6S41TSV4RRFFQ69G5FAV";
constexpr char kSibling[] = "01DRYZ6S41TSV4RRFFQ69G5FAV";

class CheckNotWithinTest : public testing::Test {
 protected:
  CheckNotWithinTest()
      : scratch_(testing::TempDir() + "callerXXXXXX"), store_(MakeStore()) {
    Make(kGrandparent, "");
    Make(kParent, kGrandparent);
    Make(kChild, kParent);
    Make(kSibling, kGrandparent);
  }
  ~CheckNotWithinTest() override {
    unsetenv("CSA_STATE_DIR");
    unsetenv("CSA_SESSION_ID");
    std::filesystem::remove_all(scratch_);
  }

  SessionStore MakeStore() {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    setenv("CSA_STATE_DIR", scratch_.c_str(), 1);
    return SessionStore::OpenOrMake().value();
  }

  void Make(const std::string& id, const std::string& parent) {
    const SessionId parsed = SessionId::Parse(id).value();
    const SessionDirectory session = store_.MakeHidden(parsed).value();
    const SessionSpec spec = {.id = id, .argv = {"true"}, .parent = parent};
    EXPECT_TRUE(
        CreateFileAt(session.fd(), kSpecFile, FormatSessionSpec(spec)).ok());
    std::filesystem::rename(store_.path() + "/" + HiddenName(parsed),
                            store_.path() + "/" + id);
  }

  // The outcome for a caller in the session `caller`.
  absl::Status CheckFrom(const char* caller, const char* session) {
    setenv("CSA_SESSION_ID", caller, 1);
    return CheckNotWithin(CallersSessions(store_),
                          store_.Find(session).value());
  }

  std::string scratch_;
  const SessionStore store_;
};

TEST_F(CheckNotWithinTest, RefusesTheCallersOwnSession) {
  const absl::Status status = CheckFrom(kChild, kChild);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(status.message(), HasSubstr(kChild));
}

TEST_F(CheckNotWithinTest, RefusesWhatTheCallerWasStartedFrom) {
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckFrom(kChild, kParent)));
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckFrom(kChild, kGrandparent)));
}

TEST_F(CheckNotWithinTest, AllowsAllOthers) {
  EXPECT_TRUE(CheckFrom(kParent, kChild).ok());
  EXPECT_TRUE(CheckFrom(kChild, kSibling).ok());
  EXPECT_TRUE(CheckFrom("", kChild).ok());
  unsetenv("CSA_SESSION_ID");
  EXPECT_TRUE(
      CheckNotWithin(CallersSessions(store_), store_.Find(kChild).value())
          .ok());
}

TEST_F(CheckNotWithinTest, AllowsWhereTheCallersSessionIsUnknown) {
  EXPECT_TRUE(CheckFrom("01ERYZ6S41TSV4RRFFQ69G5FAV", kChild).ok());
  EXPECT_TRUE(CheckFrom("../../x", kChild).ok());
}

TEST_F(CheckNotWithinTest, ACircleOfParentsEnds) {
  Make("01FRYZ6S41TSV4RRFFQ69G5FAV", "01GRYZ6S41TSV4RRFFQ69G5FAV");
  Make("01GRYZ6S41TSV4RRFFQ69G5FAV", "01FRYZ6S41TSV4RRFFQ69G5FAV");
  EXPECT_TRUE(CheckFrom("01FRYZ6S41TSV4RRFFQ69G5FAV", kChild).ok());
}

TEST_F(CheckNotWithinTest, CallersSessionsAreTheCallersOwnAndThoseAroundIt) {
  const auto id = [](const char* text) {
    return SessionId::Parse(text).value();
  };
  setenv("CSA_SESSION_ID", kChild, 1);
  EXPECT_THAT(CallersSessions(store_),
              ElementsAre(id(kChild), id(kParent), id(kGrandparent)));
  std::filesystem::remove_all(store_.path() + "/" + kParent);
  EXPECT_THAT(CallersSessions(store_), ElementsAre(id(kChild), id(kParent)));
  unsetenv("CSA_SESSION_ID");
  EXPECT_THAT(CallersSessions(store_), IsEmpty());
}

TEST(CallersDepth, IsThatOfTheEnvironment) {
  unsetenv("CSA_DEPTH");
  EXPECT_EQ(CallersDepth().value(), 0);
  setenv("CSA_DEPTH", "", 1);
  EXPECT_EQ(CallersDepth().value(), 0);
  setenv("CSA_DEPTH", "3", 1);
  EXPECT_EQ(CallersDepth().value(), 3);
  for (const char* const none : {"-1", "x", "1x", "99999999999"}) {
    setenv("CSA_DEPTH", none, 1);
    EXPECT_TRUE(absl::IsInvalidArgument(CallersDepth().status())) << none;
  }
  unsetenv("CSA_DEPTH");
}

}  // namespace
}  // namespace csa
