#!/usr/bin/env -S python3 -B
"""Checks the source tree against the rules in CONTRIBUTING.md.

Usage: tidy.py FILE: checks the tree whose top FILE is in (Bazel's link to
WORKSPACE will do). Prints one line per finding and exits 1 when there is one.
"""

import pathlib
import re
import sys

import source_tree

SOURCE_LINES = 500
TEST_LINES = 800
FUNCTION_LINES = 70
COLUMNS = 80

# Libraries in common/ that have no test of their own: path without suffix, and
# why not.
UNTESTED_LIBRARIES = {
    'common/testing/lifeline': 'every promise test stands on it',
    'common/testing/program': 'every promise test stands on it',
    'common/testing/scratch_directory': 'every promise test stands on it',
}

# What C++ code may not use, and what to use instead. Strings and comments are
# blanked before these are looked for.
BANNED = (
    (r'(?<![\w.>:])(?:std::|::)?system\s*\(', 'system(): spawn the program'),
    (r'(?<![\w.>:])(?:::)?popen\s*\(', 'popen(): spawn the program'),
    (r'\b(?:sleep|usleep|nanosleep|clock_nanosleep|sleep_for|sleep_until'
     r'|SleepFor)\s*\(', 'sleeping: wait on a descriptor with a deadline'),
    (r'\bstd::(?:basic_)?regex\b|#\s*include\s*<regex>', 'std::regex: RE2'),
    (r'(?<!WrapUnique\()(?<!<)\bnew\b', 'new: std::make_unique or a value'),
    (r'(?<!=)(?<!= )\bdelete\b', 'delete: give it an owner'),
    (r'\bkill\s*\((?:[^;{}()]|\([^()]*\))*,\s*0\s*\)',
     'kill(pid, 0): zombies answer it; use a pidfd or wait'),
)

# Written so that the patterns do not match their own text.
LEFTOVERS = re.compile(r'\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b')
PRIVATE_WORDS = re.compile(
    r'(?<![\w.~-])/[w]ork/|\.\./[s]hared\b'
    r'|\b(?:registry|deb|security|ftp|mirrors?|proxy)[.][\w-]+[.]'
    r'(?:com|dev|io|net|org)\b')

# Calls that have an effect outside the process, or can fail. The headers are
# also where constants and types come from.
SYSTEM_CALLS = re.compile(
    r'(?<![\w.>:])(?:::)?(?:accept4?|access|bind|chdir|chmod|chown|close'
    r'|close_range|connect|dup[23]?|exec[lv]p?e?|faccessat|fallocate|fchdir'
    r'|fchmod|fchmodat|fcntl|fdatasync|fork|fstat|fstatat|fsync|ftruncate'
    r'|getrandom|inotify_\w+|ioctl|kill|killpg|link|linkat|listen|lseek|memfd_'
    r'create|mkdir|mkdirat|mount|open|openat|opendir|pipe2?|p?poll|prctl|pread'
    r'|pwrite|raise|read|readdir|readlink|readlinkat|rename|renameat2?|rmdir'
    r'|select|send|sendfile|setpgid|setsid|sigaction|signal|signalfd'
    r'|sigprocmask|socket|splice|stat|symlink|symlinkat|syscall|truncate|umask'
    r'|unlink|unlinkat|vfork|wait|waitid|waitpid|write)\s*\(')
SYSTEM_PLACES = ('common/os/', 'common/testing/', 'tests/')

IOSTREAMS = re.compile(r'^\s*#\s*include\s*<iostream>', re.MULTILINE)

CODE_SUFFIXES = ('.bazel', '.bazelrc', '.bzl', '.cc', '.h', '.py', '.sh', '')

# Blanked by code_of: raw strings, strings, characters (but not the separators
# in 1'000), comments.
LITERALS = re.compile(
    r'R"(?P<mark>[^()\\\s]*)\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"
    r'|//[^\n]*|/\*.*?\*/', re.DOTALL)
ACCESS = re.compile(r'\s*(?:(?:public|protected|private)\s*:\s*)*')
GOES_ON = re.compile(r'\s*[,{)]')
DIRECTIVES = re.compile(r'^[ \t]*#(?:\\\n|[^\n])*', re.MULTILINE)


def blank(match):
    return re.sub(r'[^\n]', ' ', match.group())


def code_of(text):
    """The text with literals and comments blanked: same lines and columns."""
    return LITERALS.sub(blank, text)


def functions(code):
    """Yields (first line, last line) for every function body in `code`.

    A brace opens a function when only namespaces and types are around it and
    the text since the last statement has a parameter list.
    """
    code = DIRECTIVES.sub(blank, code)
    scopes = []  # of (kind, offset of the declaration)
    start = 0
    for match in re.finditer(r'[{};]', code):
        if match.group() == '{':
            offset = ACCESS.match(code, start).end()
            head = code[offset:match.start()]
            outer = all(kind == 'scope' for kind, _ in scopes)
            scopes.append((scope_kind(head) if outer else 'block', offset))
        elif match.group() == '}' and scopes:
            kind, offset = scopes.pop()
            if GOES_ON.match(code, match.end()):
                start = offset  # An initializer: the declaration goes on.
                continue
            if kind == 'function':
                yield (code.count('\n', 0, offset) + 1,
                       code.count('\n', 0, match.start()) + 1)
        start = match.end()


def scope_kind(head):
    words = re.sub(r'\s+', ' ', head).strip()
    if re.match(r'(?:inline )?namespace\b|extern\b *$', words):
        return 'scope'
    if re.match(r'(?:template ?<.*> ?)?(?:class|struct|union)\b[^()]*$', words):
        return 'scope'
    return 'function' if '(' in words else 'block'


def is_test(name):
    return (name.endswith('_test.cc') or
            name.startswith(('tests/', 'common/testing/')))


def check_length(name, text):
    limit = TEST_LINES if is_test(name) else SOURCE_LINES
    count = text.count('\n')
    if count > limit:
        yield 1, f'{count} lines: at most {limit}'


def check_functions(_, text):
    for first, last in functions(code_of(text)):
        count = last - first + 1
        if count > FUNCTION_LINES:
            yield first, f'a function of {count} lines: at most {FUNCTION_LINES}'


def check_columns(_, text):
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > COLUMNS and not re.search(r'^#\s*include|://', line):
            yield number, f'{len(line)} columns: at most {COLUMNS}'


def check_banned(_, text):
    code = code_of(text)
    for pattern, message in BANNED:
        for match in re.finditer(pattern, code):
            yield code.count('\n', 0, match.start()) + 1, message


def check_guard(name, text):
    if not name.endswith('.h'):
        return
    guard = 'CSA_' + re.sub(r'[/.]', '_', name).upper() + '_'
    for line in (f'#ifndef {guard}\n#define {guard}\n', f'#endif  // {guard}\n'):
        if line not in text:
            yield 1, f'no include guard {guard}'
            return


def check_system_calls(name, text):
    if name.startswith(SYSTEM_PLACES) or is_test(name):
        return
    code = code_of(text)
    for match in SYSTEM_CALLS.finditer(code):
        call = match.group().rstrip('( ')
        yield (code.count('\n', 0, match.start()) + 1,
               f'{call}(): system calls are for common/os')


def check_words(pattern, message):
    def check(_, text):
        for number, line in enumerate(text.splitlines(), 1):
            match = pattern.search(line)
            if match:
                yield number, f'{message}: {match.group()}'
    return check


def check_iostreams(name, text):
    if not name.startswith(('common/', 'tools/')) or is_test(name):
        return
    for match in IOSTREAMS.finditer(text):
        yield (text.count('\n', 0, match.start()) + 1,
               '<iostream>: no tool sets it up, see dev/no_iostreams.cc')


CPP_CHECKS = (check_length, check_functions, check_columns, check_banned,
              check_guard, check_system_calls, check_iostreams)
CODE_CHECKS = (check_words(LEFTOVERS, 'left over'),)
ALL_CHECKS = (check_words(PRIVATE_WORDS, 'says where it was made'),)


def check_tested(files):
    for name in files:
        library = name[:-len('.cc')]
        if (name.startswith('common/') and name.endswith('.cc') and
                library + '.h' in files and
                library + '_test.cc' not in files and
                library not in UNTESTED_LIBRARIES):
            yield name, 1, f'a library without {library}_test.cc'


def check_manuals(files):
    for name, text in files.items():
        if not (name.startswith('tools/') and
                source_tree.is_build_file(name)):
            continue
        for tool in re.findall(r'^csa_tool\(\s*name = "([^"]+)"', text, re.M):
            if f'docs/man/{tool}.1' not in files:
                yield name, 1, f'a tool without docs/man/{tool}.1'


def findings(root):
    """Yields (file name, line number, message) for every broken rule."""
    files = source_tree.read(root)
    for name, text in files.items():
        suffix = pathlib.PurePath(name).suffix
        checks = ALL_CHECKS
        if suffix in CODE_SUFFIXES:
            checks += CODE_CHECKS
        if suffix in ('.cc', '.h'):
            checks += CPP_CHECKS
        for check in checks:
            for number, message in check(name, text):
                yield name, number, message
    yield from check_tested(files)
    yield from check_manuals(files)


def main(arguments):
    found = list(findings(source_tree.root_of(arguments[0])))
    for name, number, message in found:
        print(f'{name}:{number}: {message}')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
