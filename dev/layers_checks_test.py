#!/usr/bin/env -S python3 -B
"""Tests layers.py: every wrong arrow is found, and no right one."""

import pathlib
import tempfile
import unittest

import layers

GOOD_TREE = {
    'BUILD.bazel': 'alias(name = "csa", actual = "//tools/csa")\n',
    'common/os/BUILD.bazel': '''
cc_library(
    name = "pipe",
    srcs = ["pipe.cc"],
    visibility = ["//tools/kill:__pkg__"],
    deps = ["//common/base:macros", "@com_google_absl//absl/status"],
)
cc_test(
    name = "pipe_test",
    deps = [":pipe", "//common/testing:scratch"],
)
''',
    'common/os/pipe.cc': '#include "common/base/macros.h"\n',
    'common/os/pipe_test.cc': '#include "common/testing/scratch.h"\n',
    'common/testing/BUILD.bazel': '''
cc_library(name = "scratch", testonly = True, deps = ["//common/session"])
''',
    'tools/csa/BUILD.bazel': 'csa_tool(name = "csa", deps = [])\n',
    'tools/kill/BUILD.bazel': '''
csa_tool(name = "csa-kill", deps = [":kill", "//common/os:pipe"])
cc_library(name = "kill", deps = ["//common/session"])
cc_test(name = "kill_test", data = ["//tools/csa"], deps = [":kill"])
''',
    'tools/kill/kill.cc': '#include "common/session/state.h"\n',
}


def findings(changes):
    with tempfile.TemporaryDirectory() as directory:
        for name, text in (GOOD_TREE | changes).items():
            path = pathlib.Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding='utf-8')
        return list(layers.findings(pathlib.Path(directory)))


class LayersTest(unittest.TestCase):

    def assert_found(self, changes, *expected):
        found = findings(changes)
        self.assertEqual(len(found), len(expected), found)
        for line, start in zip(found, expected):
            self.assertTrue(line.startswith(start), f'{line}, not {start}')

    def test_a_good_tree_has_no_findings(self):
        self.assertEqual(findings({}), [])

    def test_a_library_depends_on_a_tool(self):
        for attribute in ('deps', 'data', 'srcs'):
            for value in ('["//tools/kill"]',
                          'select({"//conditions:default": ["//tools/kill"]})'):
                with self.subTest(attribute, value=value):
                    rule = f'cc_library(name = "x", {attribute} = {value})\n'
                    found = findings({'common/x/BUILD.bazel': rule})
                    self.assertIn('//common/x:x -> //tools/kill:kill: a library'
                                  ' may not use a tool', found)

    def test_a_library_depends_on_a_tool_by_a_detour(self):
        self.assert_found(
            {
                'common/x/BUILD.bazel': 'cc_library(name = "x", deps = [":y"])\n'
                                        'cc_library(name = "y", data = ["//:csa"])'
            }, '//common/x:x -> //common/x:y -> //:csa -> //tools/csa:csa: ',
            '//common/x:y -> //:csa -> //tools/csa:csa: ')

    def test_a_library_includes_a_tool(self):
        self.assert_found({'common/os/pipe.cc': '#include "tools/csa/csa.h"\n'},
                          'common/os/pipe.cc includes tools/csa/csa.h: ')
        self.assert_found(
            {'common/os/pipe_test.cc': '#include "tools/csa/csa.h"\n'},
            'common/os/pipe_test.cc includes tools/csa/csa.h: ')

    def test_a_tool_depends_on_another(self):
        self.assert_found(
            {
                'tools/csa/BUILD.bazel':
                    'csa_tool(name = "csa", deps = ["//tools/kill"])\n'
            }, '//tools/csa:csa -> //tools/kill:kill: ')

    def test_a_tool_includes_another(self):
        self.assert_found({'tools/csa/main.cc': '#include "tools/kill/kill.h"\n'},
                          'tools/csa/main.cc includes tools/kill/kill.h: ')

    def test_a_library_depends_on_one_above_it(self):
        self.assert_found(
            {
                'common/os/BUILD.bazel':
                    'cc_library(name = "pipe", deps = ["//common/session"])\n'
            }, '//common/os:pipe -> //common/session:session: common/os may use')
        self.assert_found({'common/os/pipe.cc': '#include "common/cli/tool.h"\n'},
                          'common/os/pipe.cc includes common/cli/tool.h: ')


if __name__ == '__main__':
    unittest.main()
