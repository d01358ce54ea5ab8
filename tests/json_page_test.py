#!/usr/bin/env -S python3 -B
"""Checks that what the tools print with --json is what docs/json.md says.

Usage: json_page_test.py PAGE CSA: CSA is the tool csa, with the others beside it.
The tables of the page are the schema: each object must have the keys of its table,
in their order, and no others, with values of the types that stand there. Each
table must have been compared with something, and each key that may have a value
must have been seen with one, but for those in NEEDS_MORE.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile

TYPES = {
    'string': lambda value: isinstance(value, str),
    'integer': lambda value: type(value) is int,
    'number': lambda value: type(value) in (int, float),
    'boolean': lambda value: isinstance(value, bool),
    'object': lambda value: isinstance(value, dict),
    'array of strings': lambda value: isinstance(value, list) and all(
        isinstance(item, str) for item in value),
    'array of integers': lambda value: isinstance(value, list) and all(
        type(item) is int for item in value),
    'array of objects': lambda value: isinstance(value, list) and all(
        isinstance(item, dict) for item in value),
    'null': lambda value: value is None,
}

# Has a value only where the system counts the memory of cgroups.
NEEDS_MORE = {'memory_peak'}

# A plan stops at its last step, and is then gone on with.
PLAN = '''
[workflow]
name = "w"
[[workflow.steps]]
id = 1
title = "Turn"
tool = "bash"
prompt = 'cd "$CSA_STATE_DIR/.." && { test -e tried || ! touch tried; }'
on_fail = {retry = 1}
loop_var = {variable = "X", collection = "a b"}
[[workflow.steps]]
id = 2
title = "Leave out"
tool = "bash"
condition = "${NOTHING}"
[[workflow.steps]]
id = 3
title = "Do it"
tool = "manual"
prompt = "by hand"
'''

# Has all that a workflow can have.
WORKFLOW = '''
[workflow]
name = "w"
description = "d"
version = "1"
variables = [{name = "X", default = "x"}]
[[workflow.steps]]
id = 1
title = "t"
tool = "csa"
prompt = "p"
tier = "strong"
session = "${X}"
on_fail = {retry = 2}
timeout_seconds = 1.5
condition = "${X}"
loop_var = {variable = "Y", collection = "a b"}
[[workflow.steps]]
id = 2
title = "t"
tool = "bash"
prompt = "echo $STEP_1_EXIT"
depends_on = [1]
'''


def schemas_of(page):
    """{title: {key: [type]}} of the sections, of both levels, that have a table."""
    schemas = {}
    for section in re.split(r'^###? ', page, flags=re.M)[1:]:
        title = section.partition('\n')[0]
        rows = re.findall(r'^\| (`.+?`) \| ([a-z ]+) \|', section, re.M)
        schema = {key: types.split(' or ')
                  for keys, types in rows for key in re.findall('`(.+?)`', keys)}
        if schema:
            schemas[title] = schema
    return schemas


def differences(value, schema):
    if not isinstance(value, dict):
        yield f'{value!r} is no object'
        return
    if list(value) != list(schema):
        yield f'has the keys {list(value)}, not {list(schema)}'
    for key, types in schema.items():
        if key in value and not any(TYPES[name](value[key]) for name in types):
            yield f'{key} is {value[key]!r}, not {" or ".join(types)}'


class Store:
    """A state directory with sessions in it."""

    def __init__(self, directory, tools):
        self.directory = directory
        self.environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(('CSA_', 'XDG_'))}
        self.environment['PATH'] = ':'.join(
            [directory + '/agents', tools, self.environment['PATH']])
        self.environment['CSA_STATE_DIR'] = directory + '/state'
        self.environment['XDG_CONFIG_HOME'] = directory + '/config'

    def csa(self, *arguments):
        """The objects that it prints."""
        return self.printed('csa', '--json', *arguments)

    def printed(self, *command):
        """The objects that a command prints, a line each."""
        ended = subprocess.run(
            command, cwd=self.directory, text=True,
            env=self.environment, stdout=subprocess.PIPE, check=False)
        return [json.loads(line) for line in ended.stdout.splitlines()]

    def configure(self, text):
        """Makes `text` the user's file."""
        self.write('config/csa/config.toml', text)

    def write(self, name, text):
        """Makes a file; its path."""
        path = self.directory + '/' + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def install(self, name, answer):
        """Makes an agent of that name which answers always the same."""
        path = self.write('agents/' + name,
                          f"#!/bin/sh\ncat <<'END'\n```json\n"
                          f'{json.dumps(answer)}\n```\nEND\n')
        os.chmod(path, 0o700)

    def start(self, *arguments):
        return self.csa('run', '--tool=sh', *arguments)[0]


def samples(store):
    """Yields (title of the section, objects)."""
    good = store.start('--description=d', '--label=k=v', 'echo ok')
    bad = store.start('sleep 1000 & echo why >&2; exit 3')
    killed = store.csa('spawn', '--model=m', '--', 'sleep', '1000')[0]
    running = store.start('echo so far; csa run --tool sh true >/dev/null; '
                          'csa wait latest; echo nested; sleep 1000')
    lost = store.start('sleep 1000')
    yield 'csa run, csa spawn', [good, killed]
    ids = {name: session['session_id'] for name, session in
           (('good', good), ('bad', bad), ('running', running), ('lost', lost),
            ('killed', killed))}
    yield 'csa wait, csa attach', (
        store.csa('wait', ids['good'], ids['bad']) +
        store.csa('wait', ids['good']) + store.csa('attach', ids['bad']))
    yield 'csa kill', store.csa('kill', ids['killed'], ids['good'])
    follower = subprocess.Popen(
        ['csa', 'logs', '-f', ids['running']], env=store.environment, text=True,
        stdout=subprocess.PIPE)
    for line in follower.stdout:
        if line == 'nested\n':
            break
    os.kill(lost['pid'], signal.SIGKILL)
    everything = list(ids.values())
    yield 'csa wait, csa attach', store.csa('wait', ids['lost'])
    yield 'csa status', [o for i in everything for o in store.csa('status', i)]
    yield 'csa result', [o for i in everything for o in store.csa('result', i)]
    yield 'csa logs', (store.csa('logs', '--both', ids['bad']) +
                       store.csa('logs', ids['running']))
    yield 'csa list', store.csa('list', '--all')
    store.configure('[[tool]]\nname = "mine"\nfamily = "other"\n'
                    'argv = ["mine"]\nprompt = "stdin"\nexplicit = true\n')
    yield 'csa config', store.csa('config', 'show')
    yield 'csa doctor', store.csa('doctor')
    store.install('codex', {'verdict': 'uncertain', 'findings': []})
    store.install('claude', {
        'agreement': True, 'decision': 'yes', 'confidence': 'high',
        'key_points': [], 'open_questions': []})
    review = ('csa', 'review', '--no-daemon', '--output=json', '--reviewer=codex',
              '--files', store.directory + '/agents/codex')
    yield 'csa review', store.printed(*review)
    debate = ('csa', 'debate', '--no-daemon', '--output=json', '--proposer', 'codex',
              'why?', '--critic', 'claude')
    yield 'csa debate', store.printed(*debate)
    store.install('claude', {})
    yield 'csa debate', store.printed(*debate)
    yield from plan_samples(store)
    yield 'csa gc', store.csa('gc', '--keep=0')
    store.csa('kill', '--all')
    follower.communicate()


def plan_samples(store):
    file = store.write('w.toml', PLAN)
    for arguments in ((file,), ('--resume', 'latest')):
        for event in store.csa('plan', 'run', '--no-daemon', *arguments):
            yield event['event'], [event]
    workflow = store.write('config/csa/patterns/w/workflow.toml', WORKFLOW)
    yield 'csa plan list', store.csa('plan', 'list')
    shown = (store.csa('plan', 'show', 'w') +
             store.printed('weave', '--json', 'show', workflow))
    yield 'csa plan show, weave show', shown
    for value in shown:
        yield 'A step of a workflow', value['steps']


def findings(page, store):
    schemas = schemas_of(page)
    unseen = {(title, key) for title, schema in schemas.items()
              for key, types in schema.items() if types != ['null']}
    for title, objects in samples(store):
        if not objects:
            yield f'{title}: prints nothing'
        for value in objects:
            for difference in differences(value, schemas.get(title, {})):
                yield f'{title}: {difference}'
            unseen -= {(title, key) for key in value if value[key] is not None}
    for title, key in sorted(unseen):
        if key not in NEEDS_MORE:
            yield f'{title}: {key} has no value in any object'


def main(page, csa):
    with open(page, encoding='utf-8') as file:
        text = file.read()
    with tempfile.TemporaryDirectory() as directory:
        store = Store(directory, os.path.dirname(os.path.abspath(csa)))
        found = list(findings(text, store))
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
