# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Counting over all parts of a test run."""

import json
from xml.sax.saxutils import quoteattr

from zpy import tally, test


def report(tmp_path, cases):
    path = tmp_path / "report.xml"
    path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return tally.from_junit(path, "here")


def test_plain_cases(tmp_path):
    result = report(
        tmp_path,
        '<testcase classname="a.b" name="good"/>'
        '<testcase classname="a.b" name="bad"><failure>no</failure></testcase>'
        '<testcase classname="a.b" name="worse"><error>no</error></testcase>'
        '<testcase classname="a.b" name="left"><skipped message="why"/></testcase>',
    )
    assert result.summary() == "1 passed, 2 failed, 1 skipped"
    assert result.failures == ["here: b::bad", "here: b::worse"]
    assert result.skips == [("here: b::left", "why")]


def unittest_case(figures, inner=""):
    value = quoteattr(json.dumps(figures))
    return (
        f'<testcase classname="c" name="f"><properties><property name="unittest" value={value}/>'
        f"</properties>{inner}</testcase>"
    )


def test_whole_unittest_files(tmp_path):
    figures = {"ran": 10, "failed": 0, "skips": [["test_x", "no fork"]]}
    result = report(tmp_path, unittest_case(figures))
    assert result.summary() == "9 passed, 0 failed, 1 skipped"
    assert result.skips == [("here: c::f test_x", "no fork")]


def test_unittest_file_with_failures(tmp_path):
    figures = {"ran": 10, "failed": 3, "skips": []}
    result = report(tmp_path, unittest_case(figures, "<failure>x</failure>"))
    assert result.summary() == "7 passed, 3 failed, 0 skipped"


def test_unittest_file_that_broke_off(tmp_path):
    figures = {"ran": 0, "failed": 0, "skips": []}
    result = report(tmp_path, unittest_case(figures, "<failure>x</failure>"))
    assert result.summary() == "0 passed, 1 failed, 0 skipped"


def test_closing_lines(capsys):
    total = tally.passed("a") + tally.failed("b") + tally.skipped("c", "not here")
    assert test.close(total) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 passed, 1 failed, 1 skipped"
    assert "skipped: c: not here" in lines
    assert "FAILED: b" in lines


def test_status_without_failures(capsys):
    assert test.close(tally.passed("a") + tally.skipped("c", "x")) == 0
