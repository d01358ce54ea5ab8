#!/usr/bin/env -S python3 -B
"""Prints the C++ of BuiltinTools() for a tool table in TOML.

Usage: agent_tool.py TABLE. Checks nothing: agent_tool_test compares what comes
out with what ParseToolTable reads in the same file.
"""

import json
import sys
import tomllib

DELIVERIES = {
    'stdin': 'PromptDelivery::kStdin',
    'argument': 'PromptDelivery::kArgument',
    'file': 'PromptDelivery::kFile',
}


def literal(text):
    # JSON's escapes of ASCII text are C++'s too.
    return json.dumps(text)


def literals(texts):
    return '{' + ', '.join(literal(text) for text in texts) + '}'


def environment(owner):
    return '{' + ', '.join(
        literals(pair) for pair in owner.get('environment', {}).items()) + '}'


def access(tool):
    return '{' + ', '.join(
        f'{{{literal(name)}, {{{literals(mode.get("arguments", []))}, '
        f'{environment(mode)}}}}}'
        for name, mode in tool.get('access', {}).items()) + '}'


def agent_tool(tool):
    return f'''      {{
          .name = {literal(tool['name'])},
          .family = {literal(tool['family'])},
          .explicit_only = {json.dumps(tool.get('explicit', False))},
          .argv = {literals(tool['argv'])},
          .resume_argv = {literals(tool.get('resume', []))},
          .conversation_pattern = {literal(tool.get('conversation', ''))},
          .model_arguments = {literals(tool.get('model', []))},
          .delivery = {DELIVERIES[tool['prompt']]},
          .environment = {environment(tool)},
          .access = {access(tool)},
      }},
'''


def main():
    with open(sys.argv[1], 'rb') as table:
        tools = tomllib.load(table)['tool']
    print('''#include "common/agent/agent_tool.h"

namespace csa {

std::vector<AgentTool> BuiltinTools() {
  return {
''' + ''.join(map(agent_tool, tools)) + '''  };
}

}  // namespace csa''')


if __name__ == '__main__':
    main()
