#!/usr/bin/env -S python3 -B
"""Runs the scripts of docs/scripting.md and compares what they print.

Usage: scripting_page_test.py PAGE CSA: CSA is the tool csa, with the others
beside it. A block "```sh" is a script, "```sh exit=N" one that exits with N; the
block "```text" after it is its whole standard output, which is empty where there is
none. Each runs by itself, in an
empty directory with a state directory of its own, and must leave no session
running.
"""

import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r'^```(\w+)(?: exit=(\d+))?\n(.*?)^```$', re.M | re.S)


def scripts_of(page):
    """Yields (script, its exit status, its output)."""
    blocks = BLOCK.findall(page) + [('', '', '')]
    for (kind, status, script), (next_kind, _, output) in zip(blocks, blocks[1:]):
        if kind == 'sh':
            yield script, int(status or 0), output if next_kind == 'text' else ''


def run(arguments, directory, tools):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(('CSA_', 'XDG_'))}
    environment['PATH'] = tools + ':' + environment['PATH']
    environment['CSA_STATE_DIR'] = directory + '/state'
    environment['XDG_CONFIG_HOME'] = directory + '/config'
    return subprocess.run(arguments, cwd=directory, env=environment, text=True,
                          capture_output=True, check=False)


def findings(script, status, expected, tools):
    with tempfile.TemporaryDirectory() as directory:
        ended = run(['sh', '-eu', '-c', script], directory, tools)
        running = run(['csa', 'list', '--all', '--ids', '--state=running'],
                      directory, tools)
        run(['csa', 'kill', '--all'], directory, tools)
    if ended.returncode != status:
        yield f'exits with {ended.returncode}, not {status}'
    if ended.stdout != expected:
        yield f'prints {ended.stdout!r}, not {expected!r}'
    if running.returncode != 0 or running.stdout:
        yield f'leaves running: {running.stdout}{running.stderr}'


def main(page, csa):
    tools = os.path.dirname(os.path.abspath(csa))
    with open(page, encoding='utf-8') as file:
        scripts = list(scripts_of(file.read()))
    failed = not scripts
    for script, status, expected in scripts:
        for finding in findings(script, status, expected, tools):
            failed = True
            print(f'{finding}:\n{script}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
