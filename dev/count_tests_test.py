#!/usr/bin/env -S python3 -B
"""Tests count_tests.py on events as Bazel 4.2.3 writes them."""

import unittest

import count_tests


def configured(label, **details):
    return {'id': {'targetConfigured': {'label': label}}, 'configured': details}


def completed(label, success):
    return {'id': {'targetCompleted': {'label': label}},
            'completed': {'success': True} if success else {}}


def summary(label, status):
    logs = {} if status == 'PASSED' else {'failed': [{'uri': 'file:///l%20g'}]}
    return {'id': {'testSummary': {'label': label}},
            'testSummary': {'overallStatus': status, **logs}}


def finished(**code):
    return {'id': {'buildFinished': {}}, 'finished': {'exitCode': code}}


def test_target(label, status):
    return [configured(label, testSize='SMALL'), completed(label, True),
            summary(label, status)]


SUCCESS = finished(name='SUCCESS')
BUILD_FAILURE = finished(name='BUILD_FAILURE', code=1)


class CountTestsTest(unittest.TestCase):

    def assert_report(self, events, success, *lines):
        self.assertEqual(count_tests.Run(events).report(), (list(lines), success))

    def test_all_passed(self):
        self.assert_report(
            test_target('//a:t', 'PASSED') + test_target('//b:t', 'FLAKY') +
            [configured('//a:lib'), completed('//a:lib', True), SUCCESS], True,
            '2 passed, 0 failed')

    def test_what_is_filtered_does_not_count(self):
        filtered = [configured('//b:t', testSize='SMALL'), completed('//b:t', True)]
        self.assert_report(test_target('//a:t', 'PASSED') + filtered + [SUCCESS],
                           True, '1 passed, 0 failed')
        self.assert_report(
            test_target('//a:t', 'PASSED') + filtered +
            [finished(name='INTERRUPTED', code=8)], False, 'LEFT OUT: //b:t',
            'bazel test: INTERRUPTED', '1 passed, 1 failed')
        self.assert_report(filtered + [SUCCESS], False, 'bazel test: no tests')

    def test_one_failed(self):
        for status in ('FAILED', 'TIMEOUT', 'INCOMPLETE', 'NO_STATUS'):
            with self.subTest(status):
                self.assert_report(
                    test_target('//a:t', 'PASSED') + test_target('//b:t', status) +
                    [finished(name='TESTS_FAILED', code=3)], False,
                    f'{status}: //b:t', '  /l g', '1 passed, 1 failed')

    def test_a_test_did_not_build(self):
        self.assert_report(
            test_target('//a:t', 'PASSED') +
            [configured('//b:t', testSize='SMALL'), completed('//b:t', False),
             BUILD_FAILURE], False, 'FAILED TO BUILD: //b:t',
            'bazel test: BUILD_FAILURE', '1 passed, 1 failed')

    def test_something_else_did_not_build(self):
        self.assert_report(
            test_target('//a:t', 'PASSED') +
            [configured('//a:lib'), completed('//a:lib', False), BUILD_FAILURE],
            False, 'FAILED TO BUILD: //a:lib', 'bazel test: BUILD_FAILURE')

    def test_a_build_file_did_not_load(self):
        self.assert_report(test_target('//a:t', 'PASSED') + [BUILD_FAILURE], False,
                           'bazel test: BUILD_FAILURE')

    def test_bazel_did_not_get_to_its_end(self):
        self.assert_report([], False, 'bazel test: CRASHED')
        self.assert_report(test_target('//a:t', 'PASSED'), False,
                           'bazel test: CRASHED')

    def test_there_are_no_tests(self):
        self.assert_report([SUCCESS], False, 'bazel test: no tests')


if __name__ == '__main__':
    unittest.main()
