#include "common/testing/stored_session.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/session/session_id.h"
#include "common/session/session_store.h"
#include "gtest/gtest.h"

namespace csa {

SessionDirectory StoreSession(const SessionSpec& spec) {
  const SessionStore store = SessionStore::OpenOrMake().value();
  const SessionId id = SessionId::Parse(spec.id).value();
  SessionDirectory session = store.MakeHidden(id).value();
  EXPECT_EQ(rename(absl::StrCat(store.path(), "/", HiddenName(id)).c_str(),
                   session.path().c_str()),
            0);
  EXPECT_TRUE(
      CreateFileAt(session.fd(), kSpecFile, FormatSessionSpec(spec)).ok());
  return session;
}

}  // namespace csa
