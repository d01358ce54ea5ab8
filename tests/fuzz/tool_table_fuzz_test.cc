// The tool table: what is read names each tool once and has a command line.

#include "common/agent/tool_table.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto tools = csa::ParseToolTable(csa::TextOf(data, size));
  if (!tools.ok()) return 0;
  for (const csa::AgentTool& tool : *tools) {
    csa::Require(!tool.name.empty() && !tool.argv.empty());
  }
  return 0;
}
