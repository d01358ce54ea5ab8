// Finding a session by what a user gives: the one session whose id begins or
// ends with it, and none where there are two.

#include <sys/stat.h>

#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/session_variables.h"
#include "common/session/session_store.h"
#include "common/testing/scratch_directory.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

// Ids that begin alike, end alike, and of which one begins as another ends.
constexpr std::array<absl::string_view, 6> kIds = {
    "01M81YX7MS8VXVTKB32QRPJJAH", "01M81YX7MS8VXVTKB32QRPJJAJ",
    "01M81YX7N00000000000000000", "01N81YX7MS000000000QRPJJAH",
    "3AAAAAAAAAAAAAAAAAAAAAAAAA", "7ZZZZZZZZZZZZZZZZZZZZZ3AAA"};

// What is in a store besides, and is no session.
constexpr std::array<absl::string_view, 5> kOthers = {
    ".01M81YX7N0HHHHHHHHHHHHHHHH", "01m81yx7n0hhhhhhhhhhhhhhhh",
    "81M81YX7N0HHHHHHHHHHHHHHHH", "01M81YX7N0", "HHHH"};

// The store, for as long as the program runs.
class Store {
 public:
  Store() {
    const std::string state = scratch_.PathOf("state");
    csa::Require(setenv("CSA_STATE_DIR", state.c_str(), 1) == 0);
    csa::Require(unsetenv(csa::kSessionIdVariable) == 0);
    store_ = csa::SessionStore::OpenOrMake();
    csa::Require(store_.ok());
    for (const absl::string_view name : kIds) Make(name);
    for (const absl::string_view name : kOthers) Make(name);
  }

  const csa::SessionStore* operator->() const { return &*store_; }

 private:
  void Make(absl::string_view name) const {
    const std::string path = absl::StrCat(store_->path(), "/", name);
    csa::Require(mkdir(path.c_str(), 0700) == 0);
  }

  csa::ScratchDirectory scratch_;
  absl::StatusOr<csa::SessionStore> store_ = absl::UnknownError("not made");
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Store store;
  const std::string reference(csa::TextOf(data, size));
  const std::string part = absl::AsciiStrToUpper(reference);
  absl::string_view meant;
  int matches = 0;
  for (const absl::string_view id : kIds) {
    if (!absl::StartsWith(id, part) && !absl::EndsWith(id, part)) continue;
    meant = id;
    ++matches;
  }
  if (size < csa::SessionId::kShortestPart) matches = 0;
  const absl::StatusOr<csa::SessionDirectory> found = store->Find(reference);
  csa::Require(found.ok() == (matches == 1));
  csa::Require(!found.ok() || found->id().text() == meant);
  csa::Require(found.ok() || absl::IsNotFound(found.status()) ||
               absl::IsInvalidArgument(found.status()));
  csa::Require(matches < 2 || absl::IsInvalidArgument(found.status()));
  return 0;
}
