#include "tools/spawn/announcement.h"

#include "absl/strings/str_cat.h"
#include "common/base/json.h"
#include "common/cli/directive.h"
#include "common/cli/output.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

// The commands by which to go on with the session.
struct Commands {
  std::string wait;
  std::string attach;
  std::string kill;
};

Commands CommandsFor(const SessionId& id) {
  const auto command = [&](absl::string_view verb) {
    return absl::StrCat("csa session ", verb, " --session ", id.text());
  };
  return {command("wait"), command("attach"), command("kill")};
}

}  // namespace

std::string FormatStartedJson(const StartedSession& session) {
  const Commands commands = CommandsFor(session.id);
  const Json json = {
      {"session_id", session.id.text()}, {"pid", session.supervisor},
      {"dir", session.directory},        {"wait_cmd", commands.wait},
      {"attach_cmd", commands.attach},   {"kill_cmd", commands.kill},
  };
  return FormatJson(json);
}

std::string FormatStartedDirective(const StartedSession& session) {
  const Commands commands = CommandsFor(session.id);
  return FormatDirective("SESSION_STARTED",
                         {{"id", session.id.text()},
                          {"pid", absl::StrCat(session.supervisor)},
                          {"dir", session.directory},
                          {"wait_cmd", commands.wait},
                          {"attach_cmd", commands.attach},
                          {"kill_cmd", commands.kill}});
}

void Announce(const StartedSession& session) {
  PrintResult(Format() == OutputFormat::kJson ? FormatStartedJson(session)
                                              : session.id.text());
  PrintNotice(FormatStartedDirective(session));
}

}  // namespace csa
