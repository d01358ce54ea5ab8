#include "common/testing/stored_session.h"

#include <cstdlib>

#include "common/session/session_store.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(StoreSession, MakesOneThatIsFound) {
  const ScratchDirectory scratch;
  setenv("CSA_STATE_DIR", scratch.PathOf("state").c_str(), 1);
  const SessionSpec spec = {.id = "01ARYZ6S41TSV4RRFFQ69G5FAV", .tool = "t"};
  const SessionDirectory stored = StoreSession(spec);
  const SessionDirectory found = SessionStore::Open()->Find(spec.id).value();
  EXPECT_EQ(found.path(), stored.path());
  EXPECT_EQ(found.ReadSpec()->tool, "t");
  EXPECT_FALSE(found.HasResult());
}

}  // namespace
}  // namespace csa
