#include "tests/agents/agents.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/os/process.h"

namespace csa {
namespace {

// What an agent needs to talk to the model on {port} with {key}, and to nobody
// else, as its makers document it.
struct Agent {
  // Where dev/setup installs it.
  absl::string_view directory;
  // A file of its settings below HOME; none where it has no path.
  absl::string_view settings_path;
  absl::string_view settings;
  std::map<std::string, std::string> environment;
};

constexpr char kCodexSettings[] = R"(
model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false

[analytics]
enabled = false

[features]
plugins = false

[model_providers.scripted]
name = "scripted"
base_url = "http://127.0.0.1:{port}/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
supports_websockets = false
request_max_retries = 0
stream_max_retries = 0
)";

constexpr char kOpencodeSettings[] = R"({
  "share": "disabled",
  "model": "scripted/scripted",
  "small_model": "scripted/scripted",
  "enabled_providers": ["scripted"],
  "provider": {
    "scripted": {
      "npm": "@ai-sdk/openai-compatible",
      "options": {"baseURL": "http://127.0.0.1:{port}/v1", "apiKey": "{key}"},
      "models": {"scripted": {"name": "scripted"}}
    }
  }
})";

constexpr char kGeminiSettings[] = R"({
  "general": {"maxAttempts": 1},
  "model": {"name": "gemini-2.5-flash"},
  "privacy": {"usageStatisticsEnabled": false},
  "security": {"auth": {"selectedType": "gemini-api-key"}}
})";

constexpr char kQwenSettings[] = R"({
  "privacy": {"usageStatisticsEnabled": false},
  "security": {"auth": {"selectedType": "openai"}}
})";

const std::map<std::string, Agent>& Agents() {
  static const std::map<std::string, Agent> agents = {
      {"codex",
       {.directory = "openai-codex-0.169.0",
        .settings_path = ".codex/config.toml",
        .settings = kCodexSettings,
        .environment = {{"SCRIPTED_KEY", "{key}"}}}},
      {"claude",
       {.directory = "anthropic-ai-claude-code-2.1.197",
        .environment = {{"ANTHROPIC_API_KEY", "{key}"},
                        {"ANTHROPIC_BASE_URL", "http://127.0.0.1:{port}"},
                        {"CLAUDE_CODE_MAX_RETRIES", "1"}}}},
      {"opencode",
       {.directory = "opencode-ai-1.18.33",
        .environment = {{"OPENCODE_CONFIG_CONTENT", kOpencodeSettings},
                        {"OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"},
                        {"OPENCODE_DISABLE_LSP_DOWNLOAD", "1"},
                        {"OPENCODE_DISABLE_MODELS_FETCH", "1"}}}},
      {"gemini",
       {.directory = "google-gemini-cli-0.61.0",
        .settings_path = ".gemini/settings.json",
        .settings = kGeminiSettings,
        .environment = {{"GEMINI_API_KEY", "{key}"},
                        {"GOOGLE_GEMINI_BASE_URL",
                         "http://127.0.0.1:{port}"}}}},
      {"qwen",
       {.directory = "qwen-code-qwen-code-0.15.10",
        .settings_path = ".qwen/settings.json",
        .settings = kQwenSettings,
        .environment = {{"OPENAI_API_KEY", "{key}"},
                        {"OPENAI_BASE_URL", "http://127.0.0.1:{port}/v1"},
                        {"OPENAI_MODEL", "scripted"}}}},
  };
  return agents;
}

std::string CommandsOf(absl::string_view directory) {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  return absl::StrCat(cache != nullptr  ? cache
                      : home != nullptr ? absl::StrCat(home, "/.cache")
                                        : "",
                      "/csa/npm/", directory, "/node_modules/.bin");
}

std::string ValueOf(absl::string_view text, const ModelAccess& access) {
  return absl::StrReplaceAll(text,
                             {{"{port}", access.port}, {"{key}", access.key}});
}

void WriteSettings(const std::string& path, absl::string_view settings) {
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  WriteFile(path, settings);
}

}  // namespace

RealAgents::RealAgents(const ScratchDirectory& scratch) : scratch_(scratch) {
  std::filesystem::create_directory(scratch.PathOf("tmp"));
  absl::StatusOr<Pipe> input = OpenPipe();
  EXPECT_TRUE(input.ok());
  server_.emplace(
      std::vector<std::string>{"python3", "tests/agents/model_server.py",
                               scratch.PathOf("rules.json")},
      ProgramOptions{.prepare = [&] { dup2(input->reader.get(), 0); }});
  server_input_ = std::move(input->writer);
  server_port_ = server_->AwaitFirstLine();
}

void RealAgents::OnPrompt(const std::vector<std::string>& texts,
                          const std::string& directives) {
  rules_.push_back({texts, directives});
  WriteFile(scratch_.PathOf("rules.json"), rules_.dump());
}

ProgramOptions RealAgents::With(const std::vector<std::string>& agents,
                                ModelAccess access) const {
  if (access.port.empty()) access.port = server_port_;
  const std::string home = scratch_.PathOf("home");
  ProgramOptions options;
  // What agents would look at before HOME.
  options.environment = {{"HOME", home},
                         {"TMPDIR", scratch_.PathOf("tmp")},
                         {"XDG_CACHE_HOME", ""}};
  std::string& path = options.environment["PATH"];
  for (const std::string& name : agents) {
    const Agent& agent = Agents().at(name);
    const std::string commands = CommandsOf(agent.directory);
    EXPECT_TRUE(FindExecutable(absl::StrCat(commands, "/", name)).ok())
        << name << " is not in " << commands << ": dev/setup --all-agents "
        << "installs it there";
    absl::StrAppend(&path, commands, ":");
    if (!agent.settings_path.empty()) {
      WriteSettings(absl::StrCat(home, "/", agent.settings_path),
                    ValueOf(agent.settings, access));
    }
    for (const auto& [variable, value] : agent.environment) {
      options.environment[variable] = ValueOf(value, access);
    }
  }
  absl::StrAppend(&path, CommandsOf("node-20.20.2"), ":", std::getenv("PATH"));
  return options;
}

void AgentsTest::SetUp() {
  std::filesystem::create_directory(Project());
  agents_.emplace(scratch());
}

ProgramOptions AgentsTest::WithAgents(const std::vector<std::string>& agents,
                                      ModelAccess access) const {
  return agents_->With(agents, std::move(access));
}

}  // namespace csa
