#!/usr/bin/env -S python3 -B
"""Tests tidy.py: a tree that breaks a rule fails that rule, a good one none."""

import pathlib
import tempfile
import unittest

import tidy

GUARD = 'CSA_COMMON_OS_PIPE_H_'
HEADER = f'#ifndef {GUARD}\n#define {GUARD}\n%s\n#endif  // {GUARD}\n'
GOOD_TREE = {
    'WORKSPACE': 'workspace(name = "csa")\n',
    'common/os/pipe.h': HEADER % 'int Pipe();',
    'common/os/pipe.cc': '#include <sys/wait.h>\nint Pipe() { return 0; }\n',
    'common/os/pipe_test.cc': 'TEST(Pipe, Works) {}\n',
    'docs/man/csa-kill.1': '.Dd\n',
    'tools/kill/BUILD.bazel': 'csa_tool(\n    name = "csa-kill",\n)\n',
    'tools/kill/main.cc': 'int main() { return 0; }\n',
}


def findings(changes):
    """What tidy says of the good tree with `changes`: None removes a file."""
    with tempfile.TemporaryDirectory() as directory:
        for name, text in (GOOD_TREE | changes).items():
            path = pathlib.Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                path.write_text(text, encoding='utf-8')
        return [f'{name}:{number}: {message}' for name, number, message in
                tidy.findings(pathlib.Path(directory))]


class TidyTest(unittest.TestCase):

    def assert_clean(self, name, text):
        self.assertEqual(findings({name: text}), [])

    def assert_found(self, changes, *expected):
        found = findings(changes)
        self.assertEqual(len(found), len(expected), found)
        for line, start in zip(found, expected):
            self.assertTrue(line.startswith(start), f'{line}, not {start}')

    def assert_banned(self, statement, message):
        self.assert_found({'tests/kill.cc': f'\nint x;\n{statement}\n'},
                          f'tests/kill.cc:3: {message}')

    def test_a_good_tree_has_no_findings(self):
        self.assertEqual(findings({}), [])

    def test_files_are_short(self):
        self.assert_clean('tools/kill/main.cc', '\n' * 500)
        self.assert_found({'tools/kill/main.cc': '\n' * 501},
                          'tools/kill/main.cc:1: 501 lines')
        self.assert_clean('tools/kill/kill_test.cc', '\n' * 800)
        self.assert_found({'tests/kill.cc': '\n' * 801},
                          'tests/kill.cc:1: 801 lines')

    def test_functions_are_short(self):
        for opening in ('int main() {', 'int F(int a,\n      int b) const {',
                        'C::C(int a)\n    : a_{a},\n      b_{1} {', 'TEST(A, B) {',
                        'int F(C c = {},\n      D d = {}) {',
                        'class C {\n public:\n  int F() { f("}");'):
            for around in ('%s', 'namespace csa {\n%s\n}  // namespace csa',
                           'namespace csa {\nnamespace {\n%s\n}\n}'):
                closing = '}\n};' if 'class' in opening else '}'
                extra = opening.count('\n') - 2 * opening.count('class')
                for lines, found in ((68 - extra, 0), (69 - extra, 1)):
                    text = opening + '\n  f();' * lines + '\n' + closing
                    with self.subTest(opening, around=around, lines=lines):
                        self.assertEqual(len(findings(
                            {'tools/kill/main.cc': around % text})), found)

    def test_tables_and_types_are_not_functions(self):
        rows = '    {"a", F(1)},\n' * 90
        self.assert_clean('tools/kill/main.cc',
                          'constexpr Row kRows[] = {\n' + rows + '};\n')
        self.assert_clean('tools/kill/main.cc',
                          'class C {\n' + '  int F() { return 1; }\n' * 90 + '};\n')

    def test_lines_are_narrow(self):
        self.assert_clean('tools/kill/main.cc', 'x' * 80)
        self.assert_clean('tools/kill/main.cc', 'ü' * 80)
        self.assert_found({'tools/kill/main.cc': '\n' + 'x' * 81},
                          'tools/kill/main.cc:2: 81 columns')

    def test_banned_calls(self):
        for statement, message in (
                ('system("ls");', 'system()'), ('std::system(c);', 'system()'),
                ('::popen(c, "r");', 'popen()'), ('sleep(1);', 'sleeping'),
                ('usleep(1);', 'sleeping'), ('nanosleep(&t, 0);', 'sleeping'),
                ('std::this_thread::sleep_for(t);', 'sleeping'),
                ('absl::SleepFor(t);', 'sleeping'),
                ('std::regex r;', 'std::regex'),
                ('#include <regex>', 'std::regex'),
                ('auto p = new int;', 'new'), ('delete p;', 'delete'),
                ('delete[] p;', 'delete'), ('kill(pid, 0);', 'kill(pid, 0)'),
                ('if (::kill(p.get(), 0) == 0) f();', 'kill(pid, 0)')):
            with self.subTest(statement):
                self.assert_banned(statement, message)

    def test_what_only_looks_like_a_banned_call(self):
        for statement in ('// sleep(1), new and delete', 'f("sleep(1); new");',
                          '/* new\n new */', 'f(R"(say "new" system())");',
                          'C(const C&) = delete;', 'kill(pid, SIGTERM);',
                          'kill(pid, 1), f(x, 0);', 'file_system(x);',
                          'return absl::WrapUnique(new C(1));',
                          '#include <new>', "f('\"', 1'000);  // new"):
            with self.subTest(statement):
                self.assert_clean('tests/kill.cc', statement)

    def test_nothing_is_left_over(self):
        for word in ('TO' 'DO', 'FIX' 'ME', 'X' 'XX', 'HA' 'CK'):
            for name in ('tools/kill/main.cc', 'dev/check', '.bazelrc',
                         'tools/kill/BUILD.bazel'):
                text = GOOD_TREE.get(name, '') + f'# {word}: later\n'
                with self.subTest(word, name=name):
                    self.assert_found({name: text}, name)
        self.assert_clean('dev/check', 'mktemp name.XXXXXX\n')

    def test_a_library_has_a_test(self):
        self.assert_found({'common/os/pipe_test.cc': None},
                          'common/os/pipe.cc:1: a library without')
        tidy.UNTESTED_LIBRARIES['common/os/pipe'] = 'for this test'
        self.addCleanup(tidy.UNTESTED_LIBRARIES.clear)
        self.assertEqual(findings({'common/os/pipe_test.cc': None}), [])

    def test_a_tool_has_a_manual_page(self):
        self.assert_found({'docs/man/csa-kill.1': None},
                          'tools/kill/BUILD.bazel:1: a tool without')

    def test_a_header_has_its_include_guard(self):
        for header in ('int x;\n', HEADER.replace('OS_PIPE', 'PIPE') % '',
                       '#pragma once\n', HEADER.replace('  //', ' //') % ''):
            with self.subTest(header):
                self.assert_found({'common/os/pipe.h': header},
                                  f'common/os/pipe.h:1: no include guard {GUARD}')

    def test_system_calls_stay_in_their_place(self):
        for call in ('waitpid', 'openat', 'fcntl', 'kill', 'umask'):
            text = f'int F() {{ return {call}(1, 2, 3); }}\n'
            with self.subTest(call):
                self.assert_found({'tools/kill/main.cc': text},
                                  f'tools/kill/main.cc:1: {call}()')
                for name in ('tests/kill.cc', 'common/testing/child.cc',
                             'common/session/store_test.cc'):
                    self.assert_clean(name, text)
        for statement in ('store.open(1);', '// read(1)', 'f("kill(1)");',
                          'WIFEXITED(status);', 'Directory::open(1);'):
            with self.subTest(statement):
                self.assert_clean('tools/kill/main.cc', statement)

    def test_iostreams_are_for_tests(self):
        text = '#include <string>\n#include <iostream>\n'
        for name in ('tools/kill/main.cc', 'common/cli/output.cc'):
            self.assert_found({name: text}, f'{name}:2: <iostream>')
        for name in ('tests/bench/main.cc', 'common/testing/child.cc'):
            self.assert_clean(name, text)

    def test_nothing_says_where_it_was_made(self):
        for words in ('cd /wo' 'rk/main', 'see ../sha' 'red/x',
                      'https://registry.' 'npmjs.org/x',
                      'http://deb.' 'debian.org'):
            for name in ('README.md', 'tools/kill/main.cc', 'dev/setup'):
                with self.subTest(words, name=name):
                    self.assert_found({name: f'x\n# {words}\n'}, f'{name}:2: ')
        self.assert_clean('README.md', 'the file src/work/x, network/\n')


if __name__ == '__main__':
    unittest.main()
