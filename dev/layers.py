#!/usr/bin/env -S python3 -B
"""Checks that dependencies point down: tools, then libraries, then base.

Usage: layers.py FILE: checks the tree whose top FILE is in. Reads BUILD files
and #include lines as text, so it needs no build, and prints one line per arrow
that points the wrong way.
"""

import ast
import os
import re
import sys

import source_tree

# Which libraries each one may use, besides itself (docs/architecture.md). A
# library that is not listed may use all of common/.
LAYERS = {
    'common/base': (),
    'common/os': ('common/base',),
    'common/cli': ('common/base', 'common/os'),
    'common/session': ('common/base', 'common/os'),
    'common/agent': ('common/base', 'common/os', 'common/cli'),
    'common/workflow': ('common/base', 'common/cli'),
}

# Attributes that name targets without depending on them.
NOT_DEPENDENCIES = ('name', 'tags', 'visibility', 'packages', 'args', 'env')
# What is needed at run time only: a tool's test may run another tool.
AT_RUN_TIME = ('data',)


class Target:
    """A rule in a BUILD file: its label, and the labels it depends on."""

    def __init__(self, label, test):
        self.label = label
        self.test = test
        self.built_from = set()
        self.dependencies = set()


def package_of(label):
    return label[2:].partition(':')[0]


def absolute(label, package):
    """The label in full, or None for a file or another repository."""
    if label.startswith('//'):
        path, colon, _ = label.partition(':')
        return label if colon else f'{path}:{path.rpartition("/")[2]}'
    return f'//{package}{label}' if label.startswith(':') else None


def targets(package, text):
    for node in ast.parse(text).body:
        call = getattr(node, 'value', None)
        if not isinstance(call, ast.Call):
            continue
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        name = getattr(keywords.get('name'), 'value', '')
        rule = getattr(call.func, 'id', '')
        target = Target(f'//{package}:{name}',
                        rule.endswith('_test') or 'testonly' in keywords)
        for attribute, value in keywords.items():
            if attribute in NOT_DEPENDENCIES:
                continue
            labels = {
                absolute(constant.value, package)
                for constant in ast.walk(value)
                if isinstance(constant, ast.Constant) and
                isinstance(constant.value, str)
            } - {None}
            target.dependencies |= labels
            if attribute not in AT_RUN_TIME:
                target.built_from |= labels
        yield target


def wrong_arrow(source, destination, test):
    """Why package `source` may not be built from `destination`, or None.

    Tests may use all of common/: matchers, fixtures, another library's files.
    """
    if source == destination:
        return None
    if source.startswith('tools/') and destination.startswith('tools/'):
        if source.split('/')[1] != destination.split('/')[1]:
            return 'a tool may not use another tool'
    if source.startswith('common/') and destination.startswith('tools/'):
        return 'a library may not use a tool'
    allowed = LAYERS.get(source)
    if allowed is not None and destination.startswith('common/') and not test:
        if destination not in allowed:
            return f'{source} may use {", ".join(allowed) or "no other library"}'
    return None


def path_to_tool(start, graph):
    """A path of labels from `start` to a tool, or None."""
    paths = [[start]]
    seen = {start}
    while paths:
        path = paths.pop()
        if package_of(path[-1]).startswith('tools/'):
            return path
        target = graph.get(path[-1])
        for label in sorted(target.dependencies - seen if target else ()):
            seen.add(label)
            paths.append(path + [label])
    return None


def check_targets(graph):
    for target in graph.values():
        package = package_of(target.label)
        if package.startswith('common/'):
            path = path_to_tool(target.label, graph)
            if path:
                yield ' -> '.join(path) + ': a library may not use a tool'
        for label in sorted(target.built_from):
            reason = wrong_arrow(package, package_of(label), target.test)
            if reason:
                yield f'{target.label} -> {label}: {reason}'


def check_includes(name, text):
    package = os.path.dirname(name)
    test = name.endswith('_test.cc')
    for included in re.findall(r'^#\s*include\s*"([^"]+)"', text, re.M):
        reason = wrong_arrow(package, os.path.dirname(included), test)
        if reason:
            yield f'{name} includes {included}: {reason}'


def findings(root):
    """Yields a line for every dependency that points the wrong way."""
    graph = {}
    for name, text in source_tree.read(root).items():
        if source_tree.is_build_file(name):
            for target in targets(os.path.dirname(name), text):
                graph[target.label] = target
        elif name.endswith(('.cc', '.h')):
            yield from check_includes(name, text)
    yield from check_targets(graph)


def main(arguments):
    found = list(findings(source_tree.root_of(arguments[0])))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
